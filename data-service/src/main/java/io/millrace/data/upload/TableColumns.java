package io.millrace.data.upload;

import io.millrace.data.document.TextForm;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The columns of a table by the fields that they stand for.
 *
 * @param fields of a document, one a column
 * @param numbers those that hold a number
 */
record TableColumns(List<String> fields, Set<String> numbers) {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

  /**
   * The columns that a table's first row names.
   *
   * @throws MillraceException INVALID_ARGUMENT naming a column that is missing or named twice
   */
  static TableColumns of(List<String> header, UploadOptions options, Content content) {
    Set<String> seen = new HashSet<>();
    for (String name : header) {
      if (!seen.add(name)) {
        throw invalid("the table names the column '" + name + "' twice");
      }
    }
    requireColumn(header, options.column(), "column");
    requireColumn(header, options.idColumn(), "id_column");
    requireColumn(header, options.labelColumn(), "label_column");
    requireLabels(header, options, content);
    Set<String> numbers =
        switch (content) {
          case Content.Rows rows -> numbers(header, options, rows);
          case Content.Text text -> texts(header, options);
          case Content.Pictures pictures -> texts(header, options);
        };
    return new TableColumns(header.stream().map(name -> fieldOf(name, options)).toList(), numbers);
  }

  /** No column of texts holds numbers. */
  private static Set<String> texts(List<String> header, UploadOptions options) {
    if (options.column() == null && TextForm.ofFields(header).isEmpty()) {
      throw invalid(
          "say which column holds the texts, e.g. column=%s; there are %s"
              .formatted(header.getFirst(), String.join(", ", header)));
    }
    return Set.of();
  }

  private static Set<String> numbers(
      List<String> header, UploadOptions options, Content.Rows content) {
    if (options.column() != null) {
      throw MillraceException.invalid(
          "column", "column names the texts of a table; the dataset holds rows of numbers");
    }
    for (String column : content.columns()) {
      if (!header.contains(column)) {
        throw invalid(
            "the table has no column '%s', which the dataset has; it has %s"
                .formatted(column, String.join(", ", header)));
      }
    }
    return Set.copyOf(content.columns());
  }

  private static void requireLabels(List<String> header, UploadOptions options, Content content) {
    if (content.classes().isEmpty()) {
      if (options.labelColumn() != null) {
        throw MillraceException.invalid(
            "label_column", "label_column is for a dataset with classes; this one has none");
      }
    } else if (options.labelColumn() == null && !header.contains("label")) {
      throw invalid(
          "say which column holds the labels, e.g. label_column=%s; there are %s"
              .formatted(header.getLast(), String.join(", ", header)));
    }
  }

  /** Another column that happens to be called like a field must not pass for it. */
  private static String fieldOf(String name, UploadOptions options) {
    if (name.equals(options.column())) {
      return "text";
    }
    if (name.equals(options.idColumn())) {
      return "id";
    }
    if (name.equals(options.labelColumn())) {
      return "label";
    }
    boolean taken =
        (options.column() != null && (name.equals("text") || name.equals("image")))
            || (options.idColumn() != null && name.equals("id"))
            || (options.labelColumn() != null && name.equals("label"));
    return taken ? "column " + name : name;
  }

  private static void requireColumn(List<String> header, @Nullable String name, String option) {
    if (name != null && !header.contains(name)) {
      throw MillraceException.invalid(
          option,
          "%s is '%s'; the table has %s".formatted(option, name, String.join(", ", header)));
    }
  }

  /**
   * A row as an object.
   *
   * @throws MillraceException INVALID_ARGUMENT naming the column that holds no number
   */
  ObjectNode object(List<String> values) {
    if (values.size() != fields.size()) {
      throw invalid(
          "it has %d values, the first row names %d columns"
              .formatted(values.size(), fields.size()));
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < values.size(); i++) {
      String field = fields.get(i);
      if (numbers.contains(field)) {
        object.put(field, number(field, values.get(i).strip()));
      } else {
        object.put(field, values.get(i));
      }
    }
    return object;
  }

  private static double number(String column, String value) {
    if (!NUMBER.matcher(value).matches()) {
      throw MillraceException.invalid(
          column,
          value.isEmpty()
              ? "column '%s' is empty; it must be a number".formatted(column)
              : "column '%s' is '%s'; it must be a number such as -1.5 or 2e3"
                  .formatted(column, value));
    }
    return Double.parseDouble(value);
  }

  private static MillraceException invalid(String message) {
    return new MillraceException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
