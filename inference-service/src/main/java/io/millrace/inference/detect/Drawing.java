package io.millrace.inference.detect;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.http.MediaType;

/** How a picture with its boxes drawn is encoded. */
public enum Drawing {
  /** Without loss. */
  PNG(MediaType.IMAGE_PNG),
  /** Smaller. */
  JPEG(MediaType.IMAGE_JPEG);

  /** The client's; where it has none, JSON before pictures and these before what is not named. */
  private static final Comparator<MediaType> PREFERENCE =
      Comparator.comparingDouble((MediaType type) -> -type.getQualityValue())
          .thenComparing(type -> !type.isConcrete())
          .thenComparing(type -> !type.includes(MediaType.APPLICATION_JSON));

  private final MediaType mediaType;

  Drawing(MediaType mediaType) {
    this.mediaType = mediaType;
  }

  MediaType mediaType() {
    return mediaType;
  }

  byte[] encode(Picture picture) {
    return switch (this) {
      case PNG -> PictureWriter.png(picture);
      case JPEG -> PictureWriter.jpeg(picture);
    };
  }

  /**
   * By its name in a contract; empty: none.
   *
   * @throws MillraceException INVALID_ARGUMENT naming draw
   */
  public static Optional<Drawing> named(String name) {
    return switch (name) {
      case "" -> Optional.empty();
      case "png" -> Optional.of(PNG);
      case "jpeg" -> Optional.of(JPEG);
      default ->
          throw MillraceException.invalid("draw", "draw must be png or jpeg, it is '" + name + "'");
    };
  }

  /**
   * What a client would rather have; empty: JSON, which whoever takes everything gets.
   *
   * @param accepted in the order of the request's header; empty: everything
   * @throws MillraceException NOT_ACCEPTABLE if it takes neither JSON, PNG nor JPEG
   */
  static Optional<Drawing> wanted(List<MediaType> accepted) {
    if (accepted.isEmpty()) {
      return Optional.empty();
    }
    for (MediaType type : accepted.stream().sorted(PREFERENCE).toList()) {
      if (type.includes(MediaType.APPLICATION_JSON)) {
        return Optional.empty();
      }
      for (Drawing drawing : values()) {
        if (type.includes(drawing.mediaType)) {
          return Optional.of(drawing);
        }
      }
    }
    throw new MillraceException(
        ErrorCode.NOT_ACCEPTABLE, "the answer is application/json, image/png or image/jpeg");
  }
}
