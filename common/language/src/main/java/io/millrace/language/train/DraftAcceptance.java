package io.millrace.language.train;

/**
 * Tokens that an MTP module drafted, and how many of them the main head would have given itself.
 *
 * @param accepted drafts that are the main head's likeliest token
 * @param drafted all of them
 */
public record DraftAcceptance(long accepted, long drafted) {

  /** Nothing yet. */
  public static final DraftAcceptance ZERO = new DraftAcceptance(0, 0);

  /** Both together. */
  public DraftAcceptance plus(DraftAcceptance other) {
    return new DraftAcceptance(accepted + other.accepted, drafted + other.drafted);
  }

  /** From 0 to 1; NaN without drafts. */
  public double share() {
    return (double) accepted / drafted;
  }
}
