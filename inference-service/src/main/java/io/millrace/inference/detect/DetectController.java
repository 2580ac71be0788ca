package io.millrace.inference.detect;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.box.Detection;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/**
 * {@code POST /api/detect} with a picture as body ({@code ?model=NAME}), as the part {@code image}
 * of a form, or in base64 as the field {@code image} of a JSON object.
 */
@RestController
class DetectController {

  private static final String IMAGE = "image";
  private static final Set<String> FIELDS = Set.of("model", "min_score", "max_detections");

  private final Detections detections;

  DetectController(Detections detections) {
    this.detections = detections;
  }

  /** The JSON form of a request; {@code image} in base64. */
  record Wanted(
      @Schema(example = "cells") @Nullable String model,
      @Schema(description = "In JSON in base64; in a form the file itself.") @Nullable String image,
      @Nullable Double minScore,
      @Nullable Integer maxDetections) {}

  /**
   * An object in pixels of the request's picture as a person sees it: turned as its EXIF
   * orientation says.
   */
  record Found(String label, double score, double x, double y, double width, double height) {
    static Found of(Detection detection) {
      return new Found(
          detection.label(),
          detection.score(),
          detection.box().x(),
          detection.box().y(),
          detection.box().width(),
          detection.box().height());
    }
  }

  /**
   * What was found.
   *
   * @param imageWidth of the picture as a person sees it, which all boxes count in
   * @param imageHeight of the picture as a person sees it
   * @param exifOrientation by which the stored pixels were turned to that; absent: not at all
   */
  record Answer(
      String model,
      int modelVersion,
      int imageWidth,
      int imageHeight,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer exifOrientation,
      List<Found> detections) {}

  @Hidden // See DetectDescription.
  @PostMapping(
      path = "/api/detect",
      consumes = {MediaType.IMAGE_PNG_VALUE, MediaType.IMAGE_JPEG_VALUE})
  Answer detect(
      @RequestParam("model") String model,
      @RequestParam(name = "min_score", required = false) @Nullable Double minScore,
      @RequestParam(name = "max_detections", required = false) @Nullable Integer maxDetections,
      @RequestBody byte[] picture) {
    return answer(model, picture, minScore, maxDetections);
  }

  @Hidden // See DetectDescription.
  @PostMapping(path = "/api/detect", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  Answer detectInForm(
      @RequestParam("model") String model,
      @RequestParam(name = "min_score", required = false) @Nullable Double minScore,
      @RequestParam(name = "max_detections", required = false) @Nullable Integer maxDetections,
      MultipartHttpServletRequest form)
      throws IOException {
    Set<String> unknown = new TreeSet<>(form.getParameterMap().keySet());
    unknown.removeAll(FIELDS);
    List<MultipartFile> images = form.getFiles(IMAGE);
    if (!unknown.isEmpty() || form.getMultiFileMap().size() != 1 || images.size() != 1) {
      throw MillraceException.invalid(
          unknown.isEmpty() ? IMAGE : unknown.iterator().next(),
          "the form must have one file, image, and beside it may have model, min_score and"
              + " max_detections");
    }
    return answer(model, images.getFirst().getBytes(), minScore, maxDetections);
  }

  @DetectDescription
  @PostMapping(path = "/api/detect", consumes = MediaType.APPLICATION_JSON_VALUE)
  Answer detectInJson(@RequestBody Wanted wanted) {
    String model = wanted.model();
    String image = wanted.image();
    if (model == null || image == null) {
      String missing = model == null ? "model" : IMAGE;
      throw MillraceException.invalid(missing, missing + " is missing");
    }
    return answer(model, decoded(image), wanted.minScore(), wanted.maxDetections());
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw MillraceException.invalid(
          IMAGE, "image is not the base64 form of a PNG or JPEG file: " + e.getMessage());
    }
  }

  private Answer answer(
      String model, byte[] picture, @Nullable Double minScore, @Nullable Integer maxDetections) {
    Detections.Result result =
        detections.detect(
            model,
            picture,
            minScore == null ? Detections.DEFAULT_MIN_SCORE : minScore,
            maxDetections == null ? Detections.DEFAULT_MAX : maxDetections);
    return new Answer(
        model,
        result.modelVersion(),
        result.imageWidth(),
        result.imageHeight(),
        result.exifOrientation() == 1 ? null : result.exifOrientation(),
        result.detections().stream().map(Found::of).toList());
  }
}
