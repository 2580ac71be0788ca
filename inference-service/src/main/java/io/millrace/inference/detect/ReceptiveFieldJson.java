package io.millrace.inference.detect;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.vision.detector.MapField;
import io.millrace.vision.receptive.Field;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of what a detector sees.
 *
 * @param inputWidth of its pictures in pixels
 * @param inputHeight of its pictures in pixels
 * @param maps those of the neck, the finest first, for each branch that detects
 * @param advice what does not fit; none if all does
 */
record ReceptiveFieldJson(
    int inputWidth, int inputHeight, List<MapOfCells> maps, List<String> advice) {

  static ReceptiveFieldJson of(ReceptiveFields.Result result) {
    return new ReceptiveFieldJson(
        result.config().inputWidth(),
        result.config().inputHeight(),
        result.fields().maps().stream().map(MapOfCells::of).toList(),
        result.fields().advice());
  }

  /** What the results on a map see, in pixels of the input. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record MapOfCells(
      @Schema(description = "Pixels between cells.") int stride,
      int branch,
      @Schema(
              description =
                  "Whether a result depends on all of the picture, whatever its layers see.")
          boolean seesEverything,
      @Schema(description = "Side of the square that a result sees.") double size,
      @Schema(description = "Between the squares of neighbours.") double jump,
      @Schema(description = "Middle of the first square, where pixel 0 has its middle at 0.")
          double start,
      @Schema(description = "Smallest object that it is for, as the root of the area.")
          double minObject,
      @Schema(description = "Largest one; absent: there is no bound.") @Nullable Double maxObject,
      @Schema(description = "All layers on the way on which a cell sees most, from the picture on.")
          List<LayerOnTheWay> layers) {

    static MapOfCells of(MapField map) {
      Field field = map.field();
      double max = map.sizes().max();
      return new MapOfCells(
          map.stride(),
          map.branch(),
          map.everything(),
          field.size(),
          field.jump(),
          field.start(),
          map.sizes().min(),
          Double.isInfinite(max) ? null : max,
          map.layers().stream().map(LayerOnTheWay::of).toList());
    }
  }

  /** What the cells behind a layer see. */
  record LayerOnTheWay(String name, double size, double jump, double start) {
    static LayerOnTheWay of(Field field) {
      return new LayerOnTheWay(field.name(), field.size(), field.jump(), field.start());
    }
  }
}
