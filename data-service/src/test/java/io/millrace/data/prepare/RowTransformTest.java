package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.data.v1.Cell;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Row;
import io.millrace.contracts.data.v1.TableRow;
import io.millrace.contracts.record.TableRows;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.platform.registry.Content;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowTransformTest {
  private final RowTransform transform =
      new RowTransform(
          "people", new Content.Rows(List.of("age", "height"), List.of("short", "tall")));

  @Test
  void numbersStandInTheOrderOfTheColumns() throws Exception {
    List<TableRow> rows =
        transform.records(
            List.of(
                transform.prepare(document("height", 1.8f, "age", 40, "tall")),
                transform.prepare(document("age", 5, "height", 1.1f, "short"))),
            7);

    assertThat(rows).extracting(TableRow::getSequenceNumber).containsExactly(7L, 8L);
    assertThat(rows).extracting(TableRow::getClassIndex).containsExactly(1, 0);
    assertThat(rows).extracting(TableRow::getDocumentId).containsOnly("p");
    ByteBuffer numbers = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    TableRows.copyNumbers(TableRows.parse(rows.getFirst().toByteArray()), numbers);
    assertThat(numbers.getFloat(0)).isEqualTo(40);
    assertThat(numbers.getFloat(4)).isEqualTo(1.8f);
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertRejected(Document.newBuilder().setText("a").build(), "no row with the 2 columns");
    assertRejected(document("age", 1, "weight", 2, "tall"), "no column 'weight'");
    assertRejected(document("age", 1, "height", 2, "wide"), "the label 'wide'");
  }

  private void assertRejected(Document document, String reason) {
    assertThatThrownBy(() -> transform.prepare(document))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessageContaining(reason);
  }

  private static Document document(
      String first, float one, String second, float two, String label) {
    return Document.newBuilder()
        .setId("p")
        .setLabel(label)
        .setRow(
            Row.newBuilder()
                .addCells(Cell.newBuilder().setColumn(first).setNumber(one))
                .addCells(Cell.newBuilder().setColumn(second).setNumber(two)))
        .build();
  }
}
