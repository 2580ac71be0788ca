package io.millrace.platform.registry;

import java.time.Instant;

/**
 * A dataset as all services know it.
 *
 * @param name see {@code Names}
 * @param content what its documents are
 * @param heldoutPercent share of the documents that is kept for evaluation
 * @param intake how its documents are taken
 * @param createdAt when it was created
 */
public record DatasetEntry(
    String name, Content content, double heldoutPercent, IntakePolicy intake, Instant createdAt) {

  /** A dataset with the standard policy. */
  public DatasetEntry(String name, Content content, double heldoutPercent, Instant createdAt) {
    this(name, content, heldoutPercent, IntakePolicy.STANDARD, createdAt);
  }

  /**
   * The same dataset with a tokenizer.
   *
   * @throws IllegalStateException if its content is no text
   */
  public DatasetEntry withTokenizer(TokenizerEntry tokenizer) {
    return switch (content) {
      case Content.Text text ->
          new DatasetEntry(
              name,
              new Content.Text(text.packLength(), tokenizer, text.classes()),
              heldoutPercent,
              intake,
              createdAt);
      case Content.Pictures pictures -> throw new IllegalStateException(name + " holds images");
      case Content.Rows rows -> throw new IllegalStateException(name + " holds rows");
    };
  }

  /**
   * The tokenizer of a dataset.
   *
   * @param location object key of its tokenizer.json
   * @param sha256 of that file, hexadecimal
   * @param vocabSize number of tokens
   */
  public record TokenizerEntry(String location, String sha256, int vocabSize) {}
}
