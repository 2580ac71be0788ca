package io.millrace.tensor.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.millrace.tensor.engine.TensorEngine;

/** Calls losses by their names. */
final class LossTester implements AutoCloseable {

  static final long SEED = 77;

  final TensorEngine engine = TensorEngine.start("cpu");
  final NDManager manager = engine.newManager();

  /**
   * A loss and its gradient.
   *
   * @param slope row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Found(double loss, double[] slope) {}

  static Loss loss(String written) {
    return LossPlan.read(written).at(0, 10).loss();
  }

  Found of(String written, ScalarMetrics.Rows rows, double temperature) {
    return of(written, rows, RowLabels.of(rows.labels()), temperature, SEED);
  }

  Found of(
      String written, ScalarMetrics.Rows rows, RowLabels labels, double temperature, long seed) {
    NDArray logits = manager.create(rows.flat(), new Shape(rows.count(), rows.classes()));
    return of(written, logits, labels, temperature, seed);
  }

  Found of(String written, NDArray logits, RowLabels labels, double temperature, long seed) {
    try (NDManager scratch = manager.newSubManager()) {
      NDList found =
          new RowLoss(engine, loss(written))
              .slope(scratch, logits, labels, temperature, labels.total(), seed);
      return new Found(
          found.get(0).toType(DataType.FLOAT64, false).toDoubleArray()[0],
          found.get(1).toType(DataType.FLOAT64, false).toDoubleArray());
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
