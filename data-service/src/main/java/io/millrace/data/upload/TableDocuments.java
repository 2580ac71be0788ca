package io.millrace.data.upload;

import io.millrace.data.document.JsonDocuments;
import io.millrace.data.document.TextForm;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.csv.CsvFactory;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * Appends the rows of a CSV or TSV table (RFC 4180) whose first row names the columns. Either one
 * column holds the texts, or the columns are the fields of a form, e.g. question and answer.
 */
final class TableDocuments {
  private final CsvMapper mapper;
  private final JsonDocuments json;

  /**
   * A reader.
   *
   * @param longest value in characters
   */
  TableDocuments(int longest, JsonDocuments json) {
    this.json = json;
    this.mapper =
        CsvMapper.builder(
                CsvFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder().maxStringLength(longest).build())
                    .build())
            .enable(CsvReadFeature.WRAP_AS_ARRAY)
            .enable(CsvReadFeature.SKIP_EMPTY_LINES)
            .build();
  }

  /**
   * Appends all rows; their number.
   *
   * @throws MillraceException about the first row that is refused, with its number
   */
  long append(InputStream in, char separator, UploadOptions options, Upload upload)
      throws IOException {
    CsvSchema schema = CsvSchema.emptySchema().withColumnSeparator(separator);
    long row = 0;
    try (MappingIterator<List<String>> rows =
        mapper.readerForListOf(String.class).with(schema).readValues(in)) {
      if (!rows.hasNextValue()) {
        return 0;
      }
      Columns columns = Columns.of(rows.nextValue(), options);
      while (rows.hasNextValue()) {
        row++;
        upload.append(json.document(columns.object(rows.nextValue()), options.forTables()));
      }
      return row;
    } catch (MillraceException e) {
      throw row == 0 ? e : Upload.about("row " + row, e);
    } catch (JacksonException e) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          "row %d is no row of a table: %s".formatted(row + 1, e.getOriginalMessage()),
          e);
    }
  }

  /**
   * The columns of a table by the fields that they stand for.
   *
   * @param fields of a document, one a column
   */
  private record Columns(List<String> fields) {

    static Columns of(List<String> header, UploadOptions options) {
      Set<String> seen = new HashSet<>();
      for (String name : header) {
        if (!seen.add(name)) {
          throw invalid("the table names the column '" + name + "' twice");
        }
      }
      requireColumn(header, options.column(), "column");
      requireColumn(header, options.idColumn(), "id_column");
      if (options.column() == null && TextForm.ofFields(seen).isEmpty()) {
        throw invalid(
            "say which column holds the texts, e.g. column=%s; there are %s"
                .formatted(header.getFirst(), String.join(", ", header)));
      }
      return new Columns(header.stream().map(name -> fieldOf(name, options)).toList());
    }

    /** Another column that happens to be called like a field must not pass for it. */
    private static String fieldOf(String name, UploadOptions options) {
      if (name.equals(options.column())) {
        return "text";
      }
      if (name.equals(options.idColumn())) {
        return "id";
      }
      boolean taken =
          (options.column() != null && (name.equals("text") || name.equals("image")))
              || (options.idColumn() != null && name.equals("id"));
      return taken ? "column " + name : name;
    }

    private static void requireColumn(List<String> header, @Nullable String name, String option) {
      if (name != null && !header.contains(name)) {
        throw MillraceException.invalid(
            option,
            "%s is '%s'; the table has %s".formatted(option, name, String.join(", ", header)));
      }
    }

    ObjectNode object(List<String> values) {
      if (values.size() != fields.size()) {
        throw invalid(
            "it has %d values, the first row names %d columns"
                .formatted(values.size(), fields.size()));
      }
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < values.size(); i++) {
        object.put(fields.get(i), values.get(i));
      }
      return object;
    }

    private static MillraceException invalid(String message) {
      return new MillraceException(ErrorCode.INVALID_ARGUMENT, message);
    }
  }
}
