package io.millrace.inference.classify;

import java.util.Map;

/** Something to be classified, as a request has it. */
public sealed interface ClassifyInput {

  /** What it is called in messages, with an article. */
  String kind();

  /** A text, or, for a model that takes pictures, one in base64 or as a data URL. */
  record Written(String text) implements ClassifyInput {

    @Override
    public String kind() {
      return "a text";
    }
  }

  /**
   * A row.
   *
   * @param numbers by column
   */
  record Row(Map<String, Double> numbers) implements ClassifyInput {

    @Override
    public String kind() {
      return "a row";
    }
  }

  /** The bytes of a file that should be PNG or JPEG. */
  @SuppressWarnings("ArrayRecordComponent") // Decoded once, never compared.
  record Image(byte[] encoded) implements ClassifyInput {

    @Override
    public String kind() {
      return "a picture";
    }
  }
}
