package io.millrace.platform.registry;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dataset as all services know it.
 *
 * @param name see {@code Names}
 * @param kind what its documents are
 * @param packLength text: tokens in a packed sequence; images: 0
 * @param imageWidth images: width in pixels of the prepared samples; text: 0
 * @param imageHeight images: height in pixels of the prepared samples; text: 0
 * @param heldoutPercent share of the documents that is kept for evaluation
 * @param classes images: class names in the order of their index; text: empty
 * @param tokenizer text: its tokenizer, null until it has one
 * @param createdAt when it was created
 */
public record DatasetEntry(
    String name,
    Kind kind,
    int packLength,
    int imageWidth,
    int imageHeight,
    double heldoutPercent,
    List<String> classes,
    @Nullable TokenizerEntry tokenizer,
    Instant createdAt) {

  /** What the documents of a dataset are. */
  public enum Kind {
    TEXT,
    IMAGES
  }

  /** Copies the class names. */
  public DatasetEntry {
    classes = List.copyOf(classes);
  }

  /** The same dataset with a tokenizer. */
  public DatasetEntry withTokenizer(TokenizerEntry tokenizer) {
    return new DatasetEntry(
        name,
        kind,
        packLength,
        imageWidth,
        imageHeight,
        heldoutPercent,
        classes,
        tokenizer,
        createdAt);
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
