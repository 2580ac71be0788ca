package io.millrace.language.train;

/**
 * Whether the documents that share a pack see each other. Targets and the balance loss are those of
 * each document either way, and packs never see each other.
 */
public enum DocumentPolicy {
  /** A token sees its own document; positions restart with every document. */
  ISOLATED,
  /**
   * A token sees all of its pack before it; positions run on over the pack, and MTP modules read
   * the tokens that follow in the pack: how DeepSeek-V3 was pre-trained (arXiv 2412.19437, section
   * 4.1).
   */
  CROSSING
}
