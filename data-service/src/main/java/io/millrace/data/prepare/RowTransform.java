package io.millrace.data.prepare;

import com.google.protobuf.MessageLite;
import io.millrace.contracts.data.v1.Cell;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.TableRow;
import io.millrace.contracts.record.TableRows;
import io.millrace.data.WindowLimits;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.platform.registry.Content;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts the numbers of rows into the order of their dataset's columns. */
public final class RowTransform implements WindowTransform<TableRow> {
  private final String dataset;
  private final Map<String, Integer> columns = new HashMap<>();
  private final ClassIndex classes;

  /** A transform for one dataset. */
  public RowTransform(String dataset, Content.Rows content) {
    this.dataset = dataset;
    for (String column : content.columns()) {
      columns.put(column, columns.size());
    }
    this.classes = new ClassIndex(content.classes());
  }

  @Override
  public int most(WindowLimits limits) {
    return limits.documents();
  }

  /** The record of a row; its sequence number is not known yet. */
  @Override
  public TableRow prepare(Document document) throws RejectedDocumentException {
    if (!document.hasRow() || document.getRow().getCellsCount() != columns.size()) {
      throw new RejectedDocumentException(
          "no row with the %d columns of the dataset".formatted(columns.size()));
    }
    float[] numbers = new float[columns.size()];
    for (Cell cell : document.getRow().getCellsList()) {
      Integer place = columns.get(cell.getColumn());
      if (place == null) {
        throw new RejectedDocumentException(
            "the dataset has no column '%s'".formatted(cell.getColumn()));
      }
      numbers[place] = cell.getNumber();
    }
    return TableRows.of(
        dataset, 0, document.getId(), numbers, classes.ofDocument(document.getLabel()));
  }

  @Override
  public List<TableRow> records(List<TableRow> documents, long firstSequenceNumber) {
    List<TableRow> rows = new ArrayList<>(documents.size());
    for (TableRow row : documents) {
      rows.add(row.toBuilder().setSequenceNumber(firstSequenceNumber + rows.size()).build());
    }
    return rows;
  }

  @Override
  public long tokens(TableRow document) {
    return 0;
  }

  @Override
  public long boxes(TableRow document) {
    return 0;
  }

  @Override
  public long packedTokens(MessageLite record) {
    return 0;
  }
}
