package io.millrace.data.document;

import io.millrace.contracts.data.v1.Cell;
import io.millrace.contracts.data.v1.Row;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a row is: a finite number in each column of its dataset, in any order. */
final class RowRules {

  private RowRules() {}

  /**
   * Checks a row.
   *
   * @throws RejectedDocumentException naming the column that is missing, too much or no number
   */
  static void check(Row row, List<String> columns) throws RejectedDocumentException {
    Set<String> missing = new HashSet<>(columns);
    for (Cell cell : row.getCellsList()) {
      String column = cell.getColumn();
      if (!missing.remove(column)) {
        throw new RejectedDocumentException(
            column,
            columns.contains(column)
                ? "column '%s' is there twice".formatted(column)
                : "the dataset has no column '%s'; it has %s"
                    .formatted(column, String.join(", ", columns)));
      }
      if (!Float.isFinite(cell.getNumber())) {
        throw new RejectedDocumentException(
            column,
            "column '%s' is %s; it must be a number that float32 holds"
                .formatted(column, cell.getNumber()));
      }
    }
    for (String column : columns) {
      if (missing.contains(column)) {
        throw new RejectedDocumentException(column, "column '%s' is missing".formatted(column));
      }
    }
  }
}
