package io.millrace.inference.activation;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.tensor.activation.ActivationCurve;
import io.millrace.tensor.activation.ActivationCurves;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /api/activations}: values and derivatives, or a picture of them. */
@RestController
class ActivationController {

  private final Activations activations;

  ActivationController(Activations activations) {
    this.activations = activations;
  }

  /** The activations that were asked for. */
  @Schema(name = "Activations")
  record Answer(List<Curve> activations) {
    static Answer of(ActivationCurves curves) {
      return new Answer(curves.activations().stream().map(Curve::of).toList());
    }
  }

  /**
   * An activation at some places.
   *
   * @param name as configurations have it
   * @param aliases other names of it
   * @param learned the number that it learns, one a layer, before it has learned; absent: none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Curve(
      String name,
      List<String> aliases,
      @Nullable Double learned,
      List<Double> x,
      List<Double> values,
      List<Double> derivatives) {

    static Curve of(ActivationCurve curve) {
      List<String> names = curve.activation().names();
      return new Curve(
          names.getFirst(),
          names.subList(1, names.size()),
          curve.activation().hasSlope() ? curve.activation().firstSlope() : null,
          curve.x(),
          curve.values(),
          curve.derivatives());
    }
  }

  @Operation(
      operationId = "getActivations",
      summary = "Get the values and derivatives of activations, or a picture of them",
      responses =
          @ApiResponse(
              responseCode = "200",
              description = "OK",
              content = {
                @Content(
                    mediaType = "application/json",
                    schema = @Schema(implementation = Answer.class)),
                @Content(
                    mediaType = "image/svg+xml",
                    schema = @Schema(type = "string", format = "binary")),
                @Content(
                    mediaType = "image/png",
                    schema = @Schema(type = "string", format = "binary"))
              }))
  @GetMapping("/api/activations")
  ResponseEntity<Object> get(
      @Parameter(description = "Of an activation; may be there several times. Left out: all.")
          @RequestParam(defaultValue = "")
          List<String> name,
      @Parameter(description = "The first place, -1000 or more.") @RequestParam(defaultValue = "-5")
          double from,
      @Parameter(description = "The last place, 1000 or less.") @RequestParam(defaultValue = "5")
          double to,
      @Parameter(description = "Places at equal distances, 2 to 1001.")
          @RequestParam(defaultValue = "201")
          int points,
      @Parameter(
              description = "json, svg or png. Left out: what is accepted, JSON before pictures.")
          @RequestParam(required = false)
          @Nullable String format,
      @Parameter(description = "Whether a picture has the derivatives, too.")
          @RequestParam(defaultValue = "false")
          boolean derivative,
      @Parameter(hidden = true) @RequestHeader HttpHeaders headers) {
    CurveFormat answer = CurveFormat.of(format, headers.getAccept());
    ActivationCurves curves = activations.curves(name, from, to, points);
    Object body =
        answer == CurveFormat.JSON ? Answer.of(curves) : answer.encode(curves.chart(derivative));
    return ResponseEntity.ok().contentType(answer.mediaType()).body(body);
  }
}
