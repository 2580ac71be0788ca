package io.millrace.encoder.classify;

import io.millrace.tensor.kernel.KernelSource;
import io.millrace.tensor.kernel.KernelTuple;
import io.millrace.vision.network.LayerStyle;
import io.millrace.vision.network.Limits;
import io.millrace.vision.network.NetworkWeights;
import java.util.HashSet;
import java.util.List;

/**
 * Rows of numbers, which are features as they are.
 *
 * @param columns their names, in the order of a row's numbers
 */
public record RowInput(List<String> columns) implements ClassifierInput {

  /** Most columns of a row. */
  public static final int MAX_COLUMNS = 65_536;

  /**
   * Checks the columns.
   *
   * @throws IllegalArgumentException if there are none, too many, or two of one name
   */
  public RowInput {
    columns = List.copyOf(columns);
    Limits.require(
        !columns.isEmpty() && columns.size() <= MAX_COLUMNS,
        "a row of %s columns; it must have 1 to %s",
        columns.size(),
        MAX_COLUMNS);
    Limits.require(
        new HashSet<>(columns).size() == columns.size(), "a column is named twice: %s", columns);
  }

  @Override
  public int width() {
    return columns.size();
  }

  @Override
  public LayerStyle style() {
    return LayerStyle.groups(1);
  }

  @Override
  public List<KernelSource> kernels() {
    return List.of(KernelSource.of(RowInput.class, "rows.py"));
  }

  @Override
  public KernelTuple tuple(NetworkWeights weights) {
    return new KernelTuple("Source").number("columns", width());
  }

  @Override
  public boolean learns() {
    return false;
  }

  @Override
  public void requireFits(Inputs inputs) {
    switch (inputs) {
      case Inputs.Rows rows ->
          Limits.require(
              rows.columns() == width(),
              "rows of %s columns, the model takes %s",
              rows.columns(),
              width());
      case Inputs.Documents documents ->
          throw new IllegalArgumentException(
              "this model takes rows, not " + documents.batch().kind());
    }
  }
}
