package io.millrace.inference.rpc;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.inference.v1.DetectRequest;
import io.millrace.contracts.inference.v1.DetectResponse;
import io.millrace.contracts.inference.v1.DetectedImage;
import io.millrace.contracts.inference.v1.Detection;
import io.millrace.inference.detect.DetectWishes;
import io.millrace.inference.detect.Detections;
import io.millrace.inference.detect.Image;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.List;

/** The contract's messages of detection. */
final class DetectMessages {

  private DetectMessages() {}

  /**
   * The pictures of a request.
   *
   * @throws MillraceException INVALID_ARGUMENT if it has both image and images
   */
  static List<Image> images(DetectRequest request) {
    if (request.getImagesCount() == 0) {
      return List.of(Image.only(request.getImage().toByteArray()));
    }
    if (!request.getImage().isEmpty()) {
      throw MillraceException.invalid("images", "a request has image or images, not both");
    }
    List<Image> images = new ArrayList<>();
    for (ByteString one : request.getImagesList()) {
      images.add(Image.numbered(images.size(), one.toByteArray()));
    }
    return images;
  }

  static DetectWishes wishes(DetectRequest request) {
    return new DetectWishes(
        request.hasMinScore() ? request.getMinScore() : null,
        request.getMaxDetections() == 0 ? null : request.getMaxDetections(),
        request.getNms().isEmpty() ? null : request.getNms(),
        request.hasNmsThreshold() ? request.getNmsThreshold() : null,
        request.hasNmsAgnostic() ? request.getNmsAgnostic() : null,
        request.getSliceSize() == 0 ? null : request.getSliceSize(),
        request.hasSliceOverlap() ? request.getSliceOverlap() : null,
        request.getScales().isEmpty() ? null : request.getScales());
  }

  static DetectResponse response(DetectRequest request, Detections.Result result) {
    DetectResponse.Builder response =
        DetectResponse.newBuilder().setModelVersion(result.modelVersion());
    Detections.Found only = result.pictures().getFirst();
    only.drawn().ifPresent(file -> response.setDrawn(ByteString.copyFrom(file)));
    if (request.getImagesCount() > 0) {
      result.pictures().forEach(found -> response.addImages(image(found)));
      return response.build();
    }
    return response
        .setImageWidth(only.imageWidth())
        .setImageHeight(only.imageHeight())
        .setExifOrientation(only.exifOrientation())
        .addAllDetections(detections(only))
        .build();
  }

  private static DetectedImage image(Detections.Found found) {
    return DetectedImage.newBuilder()
        .setImageWidth(found.imageWidth())
        .setImageHeight(found.imageHeight())
        .setExifOrientation(found.exifOrientation())
        .addAllDetections(detections(found))
        .build();
  }

  private static List<Detection> detections(Detections.Found found) {
    return found.detections().stream()
        .map(one ->
            Detection.newBuilder()
                .setScore(one.score())
                .setBox(
                    Box.newBuilder()
                        .setX((float) one.box().x())
                        .setY((float) one.box().y())
                        .setWidth((float) one.box().width())
                        .setHeight((float) one.box().height())
                        .setLabel(one.label()))
                .build())
        .toList();
  }
}
