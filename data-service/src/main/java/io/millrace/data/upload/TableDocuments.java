package io.millrace.data.upload;

import io.millrace.data.document.JsonDocuments;
import io.millrace.input.JsonMistake;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.csv.CsvFactory;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * Appends the rows of a CSV or TSV table (RFC 4180) whose first row names the columns. Of texts
 * either one column holds them, or the columns are the fields of a form, e.g. question and answer;
 * of rows of numbers the columns are the dataset's.
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
   * @throws MillraceException about the first row that is refused, with its number and the line in
   *     which it ends
   */
  long append(InputStream in, char separator, UploadOptions options, Upload upload)
      throws IOException {
    CsvSchema schema = CsvSchema.emptySchema().withColumnSeparator(separator);
    long row = 0;
    int line = 0;
    try (MappingIterator<List<String>> rows =
        mapper.readerForListOf(String.class).with(schema).readValues(in)) {
      if (!rows.hasNextValue()) {
        return 0;
      }
      TableColumns columns = TableColumns.of(rows.nextValue(), options, upload.content());
      line = lineBefore(rows.currentLocation());
      while (rows.hasNextValue()) {
        List<String> values = rows.nextValue();
        row++;
        line = lineBefore(rows.currentLocation());
        ObjectNode object = columns.object(values);
        upload.append(json.document(object, options.forTables(), upload.content()));
      }
      return row;
    } catch (MillraceException e) {
      throw row == 0 ? e : Upload.about("row %d (line %d)".formatted(row, line), e);
    } catch (JacksonException e) {
      throw new MillraceException(
          ErrorCode.INVALID_ARGUMENT,
          noRow(line == 0 ? "the first row" : "row " + (row + 1), line, e),
          e);
    }
  }

  /**
   * Says where a table breaks off. A quote that is never closed is found at the table's end, so the
   * line in which the row begins is told too; what is no text is found before its row is reached.
   */
  private static String noRow(String row, int before, JacksonException e) {
    TokenStreamLocation place = e.getLocation();
    return place == null || place.getLineNr() < 1
        ? "the table cannot be read from line %d on: %s"
            .formatted(before + 1, JsonMistake.reason(e))
        : "%s, from line %d on, is no row of a table: %s (line %d, column %d)"
            .formatted(
                row, before + 1, JsonMistake.reason(e), place.getLineNr(), place.getColumnNr());
  }

  /** The line in which a row ended, of which the line feed may be read already. */
  private static int lineBefore(TokenStreamLocation reached) {
    return reached.getColumnNr() <= 1 ? reached.getLineNr() - 1 : reached.getLineNr();
  }
}
