package io.millrace.training.task.classification;

import io.millrace.contracts.data.v1.TableRow;
import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.TableRows;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.Inputs;
import io.millrace.training.stream.RecordFormat;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Rows of a table as examples.
 *
 * @param columns that a row has
 * @param classes that there are
 */
record RowFormat(int columns, int classes) implements RecordFormat<TableRow, ExampleBatch> {

  @Override
  public TableRow parse(byte[] value) {
    TableRow row = TableRows.parse(value);
    if (TableRows.columns(row) != columns) {
      throw new CorruptRecordException(
          "document '%s': a row of %d columns, the model takes %d"
              .formatted(row.getDocumentId(), TableRows.columns(row), columns));
    }
    if (row.hasClassIndex()) {
      Labels.require("document '" + row.getDocumentId() + "'", row.getClassIndex(), classes);
    }
    return row;
  }

  @Override
  public long sequenceNumber(TableRow row) {
    return row.getSequenceNumber();
  }

  @Override
  public String dataset(TableRow row) {
    return row.getDataset();
  }

  @Override
  public ExampleBatch assemble(List<TableRow> rows) {
    ByteBuffer values = Inputs.Rows.buffer(Math.multiplyExact(rows.size(), columns));
    rows.forEach(row -> TableRows.copyNumbers(row, values));
    long[] labels =
        rows.stream()
            .mapToLong(row -> row.hasClassIndex() ? row.getClassIndex() : ExampleBatch.NONE)
            .toArray();
    return new ExampleBatch(new Inputs.Rows(values.flip(), columns), labels);
  }
}
