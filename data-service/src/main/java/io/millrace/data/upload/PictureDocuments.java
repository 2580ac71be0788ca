package io.millrace.data.upload;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.data.DataProperties;
import io.millrace.data.document.JsonDocuments;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.vision.picture.InvalidPictureException;
import io.millrace.vision.picture.PictureLimits;
import io.millrace.vision.picture.PictureReader;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads a whole stream as one picture. */
@Component
class PictureDocuments {
  private final PictureReader reader = new PictureReader(PictureLimits.defaults());
  private final JsonDocuments json;
  private final long limit;

  PictureDocuments(DataProperties settings) {
    this.json = new JsonDocuments(Math.toIntExact(settings.line().toBytes()));
    this.limit = settings.document().toBytes();
  }

  /**
   * The document; no more is read than it may have.
   *
   * @param id empty: from the content
   * @param boxes a JSON array as in a line of NDJSON; null: there is nothing in the picture
   * @throws MillraceException PAYLOAD_TOO_LARGE, or INVALID_ARGUMENT if it is no picture that can
   *     be read, or the boxes are none
   */
  Document read(InputStream in, String id, @Nullable String boxes) throws IOException {
    byte[] bytes = in.readNBytes(Math.toIntExact(limit) + 1);
    if (bytes.length > limit) {
      throw new MillraceException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "the picture is larger than the limit of %d bytes; scale it down".formatted(limit));
    }
    try {
      reader.header(bytes, "the picture");
    } catch (InvalidPictureException e) {
      throw new MillraceException(ErrorCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()), e);
    }
    Image.Builder image = Image.newBuilder().setEncoded(ByteString.copyFrom(bytes));
    if (boxes != null) {
      image.addAllBoxes(json.boxes(boxes));
    }
    return Document.newBuilder().setId(id).setImage(image).build();
  }
}
