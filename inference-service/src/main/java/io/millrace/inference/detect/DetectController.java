package io.millrace.inference.detect;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.inference.picture.DataUrls;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.box.Detection;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.media.Schema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;

/**
 * {@code POST /api/detect} with a picture as body ({@code ?model=NAME}), as the part {@code image}
 * of a form, or in base64 as the field {@code image} of a JSON object; several as parts or a list
 * {@code images}. The answer is JSON, or the picture with boxes drawn.
 */
@RestController
class DetectController {

  private static final String IMAGE = "image";
  private static final String IMAGES = "images";

  private final Detections detections;

  DetectController(Detections detections) {
    this.detections = detections;
  }

  /** The JSON form of a request; {@code image} in base64. */
  record Wanted(
      @Schema(example = "cells") @Nullable String model,
      @Schema(description = "In JSON in base64 or as a data URL; in a form the file itself.")
          @Nullable String image,
      @Schema(description = "Several, instead of image.") @Nullable List<String> images,
      @Nullable Double minScore,
      @Nullable Integer maxDetections,
      @Schema(description = DetectDescription.NMS) @Nullable String nms,
      @Schema(description = DetectDescription.THRESHOLD) @Nullable Double nmsThreshold,
      @Schema(description = DetectDescription.AGNOSTIC) @Nullable Boolean nmsAgnostic,
      @Schema(description = DetectDescription.SLICES) @Nullable Integer sliceSize,
      @Schema(description = DetectDescription.OVERLAP) @Nullable Double sliceOverlap,
      @Schema(description = DetectDescription.SCALES) @Nullable String scales) {

    DetectWishes wishes() {
      return new DetectWishes(
          minScore, maxDetections, nms, nmsThreshold, nmsAgnostic, sliceSize, sliceOverlap, scales);
    }
  }

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
   * What was found in one of several pictures.
   *
   * @param imageWidth of the picture as a person sees it, which all boxes count in
   * @param imageHeight of the picture as a person sees it
   * @param exifOrientation by which the stored pixels were turned to that; absent: not at all
   */
  record FoundInImage(
      int imageWidth,
      int imageHeight,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer exifOrientation,
      List<Found> detections) {
    static FoundInImage of(Detections.Found found) {
      return new FoundInImage(
          found.imageWidth(),
          found.imageHeight(),
          found.exifOrientation() == 1 ? null : found.exifOrientation(),
          found.detections().stream().map(DetectController.Found::of).toList());
    }
  }

  /**
   * What was found: in the picture of {@code image}, or in each of {@code images}.
   *
   * @param imageWidth as in {@link FoundInImage}, as are the next three; absent with images
   * @param images in the order of the request's; absent with image
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Answer(
      String model,
      int modelVersion,
      @Nullable Integer imageWidth,
      @Nullable Integer imageHeight,
      @Nullable Integer exifOrientation,
      @Nullable List<Found> detections,
      @Nullable List<FoundInImage> images) {

    static Answer ofOne(String model, int version, FoundInImage one) {
      return new Answer(
          model,
          version,
          one.imageWidth(),
          one.imageHeight(),
          one.exifOrientation(),
          one.detections(),
          null);
    }

    static Answer ofSeveral(String model, int version, List<FoundInImage> images) {
      return new Answer(model, version, null, null, null, null, images);
    }
  }

  @Hidden // See DetectDescription.
  @PostMapping(
      path = "/api/detect",
      consumes = {MediaType.IMAGE_PNG_VALUE, MediaType.IMAGE_JPEG_VALUE})
  ResponseEntity<Object> detect(
      @RequestParam MultiValueMap<String, String> query,
      @RequestHeader HttpHeaders headers,
      @RequestBody byte[] picture) {
    DetectParameters parameters = new DetectParameters(query);
    for (String name : parameters.unknown()) {
      throw MillraceException.invalid(
          name, "unknown parameter '%s'; known are %s".formatted(name, DetectParameters.known()));
    }
    return answer(parameters.model(), List.of(Image.only(picture)), parameters.wishes(), headers);
  }

  @Hidden // See DetectDescription.
  @PostMapping(path = "/api/detect", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
  ResponseEntity<Object> detectInForm(
      @RequestParam MultiValueMap<String, String> fields,
      @RequestHeader HttpHeaders headers,
      MultipartHttpServletRequest form)
      throws IOException {
    DetectParameters parameters = new DetectParameters(fields);
    Set<String> unknown = parameters.unknown();
    List<MultipartFile> one = form.getFiles(IMAGE);
    List<MultipartFile> several = form.getFiles(IMAGES);
    boolean either = one.size() == 1 ^ !several.isEmpty();
    if (!unknown.isEmpty() || form.getMultiFileMap().size() != 1 || !either) {
      throw MillraceException.invalid(
          unknown.isEmpty() ? IMAGE : unknown.iterator().next(),
          "the form must have one file, image, or several, images, and beside it may have "
              + DetectParameters.known());
    }
    List<Image> images = new ArrayList<>();
    for (MultipartFile file : one) {
      images.add(Image.only(file.getBytes()));
    }
    for (MultipartFile file : several) {
      images.add(Image.numbered(images.size(), file.getBytes()));
    }
    return answer(parameters.model(), images, parameters.wishes(), headers);
  }

  @DetectDescription
  @PostMapping(path = "/api/detect", consumes = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<Object> detectInJson(
      @RequestBody Wanted wanted, @RequestHeader HttpHeaders headers) {
    String model = wanted.model();
    if (model == null) {
      throw MillraceException.invalid("model", "model is missing");
    }
    return answer(model, images(wanted), wanted.wishes(), headers);
  }

  private static List<Image> images(Wanted wanted) {
    String image = wanted.image();
    List<String> several = wanted.images();
    // Generated clients send a list that was not set as an empty one.
    if (image != null && several != null && !several.isEmpty()) {
      throw MillraceException.invalid(IMAGES, "a request has image or images, not both");
    }
    if (image != null) {
      return List.of(Image.only(DataUrls.decode(IMAGE, IMAGE, image)));
    }
    if (several == null) {
      throw MillraceException.invalid(IMAGE, "image is missing");
    }
    List<Image> images = new ArrayList<>();
    for (String one : several) {
      int index = images.size();
      images.add(Image.numbered(index, DataUrls.decode(IMAGES, "images[" + index + "]", one)));
    }
    return images;
  }

  private ResponseEntity<Object> answer(
      String model, List<Image> images, DetectWishes wishes, HttpHeaders headers) {
    Optional<Drawing> drawing = Drawing.wanted(headers.getAccept());
    Detections.Result result = detections.detect(model, images, wishes, drawing);
    List<FoundInImage> found = result.pictures().stream().map(FoundInImage::of).toList();
    Optional<byte[]> drawn = result.pictures().getFirst().drawn();
    if (drawing.isPresent() && drawn.isPresent()) {
      return ResponseEntity.ok().contentType(drawing.get().mediaType()).body(drawn.get());
    }
    boolean one = images.getFirst().field().equals(IMAGE);
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(
            one
                ? Answer.ofOne(model, result.modelVersion(), found.getFirst())
                : Answer.ofSeveral(model, result.modelVersion(), found));
  }
}
