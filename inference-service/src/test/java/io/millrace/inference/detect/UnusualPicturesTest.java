package io.millrace.inference.detect;

import static io.millrace.inference.detect.DetectRequests.SERVICE;
import static io.millrace.inference.detect.DetectRequests.raw;
import static io.millrace.inference.detect.DetectRequests.requireRefusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.inference.fixture.InferenceFixture;
import io.millrace.testing.OddPictures;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Pictures of every kind of colours and of extreme sizes are looked at, or refused with a reason.
 */
class UnusualPicturesTest {

  private static final String QUERY = "?model=shapes&min_score=0";

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return bytes.toByteArray();
  }

  private static BufferedImage noise(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    Random random = new Random(2);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt());
      }
    }
    return image;
  }

  private static JsonNode found(byte[] picture, String type, String options) throws Exception {
    HttpResponse<String> answer = SERVICE.send(raw(QUERY + options, type, picture));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return InferenceFixture.JSON.readTree(answer.body());
  }

  /** Transparency, 16 bits, grey, palette, one bit. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_USHORT_GRAY,
        BufferedImage.TYPE_BYTE_GRAY,
        BufferedImage.TYPE_BYTE_INDEXED,
        BufferedImage.TYPE_BYTE_BINARY
      })
  void looksAtEveryKindOfColours(int type) throws Exception {
    JsonNode json = found(encoded(noise(70, 40, type), "png"), "image/png", "");

    assertThat(json.path("image_width").asInt()).isEqualTo(70);
    assertThat(json.path("detections").size()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,3000", "3000,1", "2,2"})
  void looksAtExtremeSizesInSlicesAndScalesToo(int width, int height) throws Exception {
    byte[] picture = encoded(noise(width, height, BufferedImage.TYPE_INT_RGB), "png");
    for (String options : new String[] {"", "&slice_size=64", "&scales=1,2:0-40"}) {
      JsonNode json = found(picture, "image/png", options);
      assertThat(json.path("image_width").asInt()).isEqualTo(width);
      for (JsonNode one : json.path("detections")) {
        assertThat(one.path("x").asDouble() + one.path("width").asDouble())
            .isBetween(0.0, width + 1e-6);
        assertThat(one.path("y").asDouble() + one.path("height").asDouble())
            .isBetween(0.0, height + 1e-6);
      }
    }
  }

  @Test
  void refusesFourColoursThatAreNotNamed() throws Exception {
    WritableRaster inks = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(inks, null, null), null);
    } finally {
      writer.dispose();
    }

    requireRefusal(
        SERVICE.send(raw(QUERY, "image/jpeg", bytes.toByteArray())), 400, "save it again as");
  }

  /** Refused by the header alone: the file has no pixels for so many. */
  @Test
  void refusesAHeaderOfThirtyThousandPixelsASide() throws Exception {
    byte[] png = encoded(noise(8, 8, BufferedImage.TYPE_INT_RGB), "png");
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, 30_000).putInt(20, 30_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    header.putInt(29, (int) crc.getValue());

    for (String options : new String[] {"", "&slice_size=64", "&scales=2"}) {
      requireRefusal(
          SERVICE.send(raw(QUERY + options, "image/png", png)),
          400,
          "30000 x 30000 pixels are too many");
    }
  }

  /** The table that uploads go by, too. */
  @ParameterizedTest
  @MethodSource("io.millrace.testing.OddPictures#all")
  void looksAtEveryPictureAsItIsSeenOrRefusesItWithAReason(OddPictures.OddPicture picture)
      throws Exception {
    HttpResponse<String> answer = SERVICE.send(raw(QUERY, picture.type(), picture.encoded()));
    if (picture.isGood()) {
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      JsonNode json = InferenceFixture.JSON.readTree(answer.body());
      assertThat(json.path("image_width").asInt()).isEqualTo(picture.width());
      assertThat(json.path("image_height").asInt()).isEqualTo(picture.height());
      assertThat(json.path("detections").isArray()).isTrue();
    } else {
      requireRefusal(answer, 400, picture.refusal());
    }
  }
}
