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
  @JsonSubTypes.Type(value = Content.Pictures.class, name = "images"),
  @JsonSubTypes.Type(value = Content.Rows.class, name = "rows")
})
public sealed interface Content {

  /** What it holds, in the word that clients use. */
  default String kind() {
    return switch (this) {
      case Text _ -> "text";
      case Pictures _ -> "images";
      case Rows _ -> "rows";
    };
  }

  /**
   * Names of the classes in the order of their index: of whole documents, and of the boxes in
   * pictures. Texts and rows have one each; pictures may. None: the documents have no labels.
   */
  List<String> classes();

  /**
   * Texts, which become packed sequences.
   *
   * @param packLength tokens in a packed sequence
   * @param tokenizer null until the dataset has one
   * @param classes of whole texts; null in what was written before there were any
   */
  record Text(int packLength, @Nullable TokenizerEntry tokenizer, List<String> classes)
      implements Content {

    /** Copies the class names. */
    @SuppressWarnings("RedundantNullCheck") // JSON without the field
    public Text {
      classes = classes == null ? List.of() : List.copyOf(classes);
    }

    /** Texts without labels. */
    public Text(int packLength, @Nullable TokenizerEntry tokenizer) {
      this(packLength, tokenizer, List.of());
    }
  }

  /**
   * Pictures, with or without boxes and labels, which become samples.
   *
   * @param width in pixels, of what a network gets to see
   * @param height in pixels, of what a network gets to see
   * @param classes of boxes and of whole pictures
   */
  record Pictures(int width, int height, List<String> classes) implements Content {

    /** Copies the class names. */
    public Pictures {
      classes = List.copyOf(classes);
    }
  }

  /**
   * Rows of a table, a number in each column.
   *
   * @param columns names in their order
   * @param classes of the rows
   */
  record Rows(List<String> columns, List<String> classes) implements Content {

    /** Copies the names. */
    public Rows {
      columns = List.copyOf(columns);
      classes = List.copyOf(classes);
    }
  }
}
