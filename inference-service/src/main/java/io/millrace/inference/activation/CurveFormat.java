package io.millrace.inference.activation;

import io.millrace.chart.CurveGrid;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/** How curves are answered. */
public enum CurveFormat {
  JSON(MediaType.APPLICATION_JSON),
  SVG(MediaType.valueOf("image/svg+xml")),
  PNG(MediaType.IMAGE_PNG);

  private final MediaType mediaType;

  CurveFormat(MediaType mediaType) {
    this.mediaType = mediaType;
  }

  /** Its type. */
  public MediaType mediaType() {
    return mediaType;
  }

  /** A chart in this format; JSON has none. */
  public byte[] encode(CurveGrid chart) {
    return switch (this) {
      case JSON -> throw new IllegalStateException("JSON is no picture");
      case SVG -> chart.svg().getBytes(StandardCharsets.UTF_8);
      case PNG -> chart.png();
    };
  }

  /**
   * What the address asks for, or else what the client would rather have; JSON, if it takes all.
   *
   * @param written json, svg or png
   * @param accepted in the order of the request's header
   * @throws MillraceException INVALID_ARGUMENT naming format, NOT_ACCEPTABLE if it takes none
   */
  public static CurveFormat of(@Nullable String written, List<MediaType> accepted) {
    if (written != null) {
      return Arrays.stream(values())
          .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(written))
          .findFirst()
          .orElseThrow(() ->
              MillraceException.invalid(
                  "format", "format must be json, svg or png, it is '" + written + "'"));
    }
    if (accepted.isEmpty()) {
      return JSON;
    }
    return accepted.stream()
        .sorted((a, b) -> Double.compare(b.getQualityValue(), a.getQualityValue()))
        .flatMap(type -> Arrays.stream(values()).filter(format -> type.includes(format.mediaType)))
        .findFirst()
        .orElseThrow(() ->
            new MillraceException(
                ErrorCode.NOT_ACCEPTABLE,
                "the answer is application/json, image/svg+xml or image/png"));
  }
}
