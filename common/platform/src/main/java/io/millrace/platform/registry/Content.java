package io.millrace.platform.registry;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the documents of a dataset are, with the settings that only such documents have. Another
 * kind is another record: each {@code switch} over it then says where it is missing.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Content.Text.class, name = "text"),
  @JsonSubTypes.Type(value = Content.Pictures.class, name = "images")
})
public sealed interface Content {

  /**
   * Texts, which become packed sequences.
   *
   * @param packLength tokens in a packed sequence
   * @param tokenizer null until the dataset has one
   */
  record Text(int packLength, @Nullable TokenizerEntry tokenizer) implements Content {}

  /**
   * Pictures with boxes, which become samples.
   *
   * @param width in pixels, of what a network gets to see
   * @param height in pixels, of what a network gets to see
   * @param classes names in the order of their index
   */
  record Pictures(int width, int height, List<String> classes) implements Content {

    /** Copies the class names. */
    public Pictures {
      classes = List.copyOf(classes);
    }
  }
}
