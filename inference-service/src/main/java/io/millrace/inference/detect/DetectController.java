package io.millrace.inference.detect;

import io.millrace.vision.box.Detection;
import java.io.IOException;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/**
 * {@code POST /api/detect?model=NAME} with a picture as body, or as the part {@code image} of a
 * form.
 */
@RestController
class DetectController {

  private final Detections detections;

  DetectController(Detections detections) {
    this.detections = detections;
  }

  /** An object in pixels of the request's picture. */
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

  record Answer(
      String model, int modelVersion, int imageWidth, int imageHeight, List<Found> detections) {}

  @PostMapping(
      path = "/api/detect",
      consumes = {MediaType.IMAGE_PNG_VALUE, MediaType.IMAGE_JPEG_VALUE})
  Answer detect(
      @RequestParam("model") String model,
      @RequestParam(name = "min_score", defaultValue = "" + Detections.DEFAULT_MIN_SCORE)
          double minScore,
      @RequestParam(name = "max_detections", defaultValue = "" + Detections.DEFAULT_MAX)
          int maxDetections,
      @RequestBody byte[] picture) {
    return answer(model, picture, minScore, maxDetections);
  }

  @PostMapping(path = "/api/detect", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  Answer detectInForm(
      @RequestParam("model") String model,
      @RequestParam(name = "min_score", defaultValue = "" + Detections.DEFAULT_MIN_SCORE)
          double minScore,
      @RequestParam(name = "max_detections", defaultValue = "" + Detections.DEFAULT_MAX)
          int maxDetections,
      @RequestParam("image") MultipartFile image)
      throws IOException {
    return answer(model, image.getBytes(), minScore, maxDetections);
  }

  private Answer answer(String model, byte[] picture, double minScore, int maxDetections) {
    Detections.Result result = detections.detect(model, picture, minScore, maxDetections);
    return new Answer(
        model,
        result.modelVersion(),
        result.imageWidth(),
        result.imageHeight(),
        result.detections().stream().map(Found::of).toList());
  }
}
