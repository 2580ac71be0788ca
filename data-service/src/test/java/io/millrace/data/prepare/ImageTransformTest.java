package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.data.document.PictureRules;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageTransformTest {
  private final ImageTransform transform = new ImageTransform("shapes", 64, List.of("disc"));

  @Test
  void refusesMoreTruthThanAPictureMayHave() {
    Box box = Box.newBuilder().setWidth(2).setHeight(2).setLabel("disc").build();
    assertRejected(
        Image.newBuilder()
            .addAllBoxes(Collections.nCopies(PictureRules.MOST_BOXES + 1, box))
            .build(),
        "a picture with 1001 boxes; at most 1000 are taken");
    assertRejected(
        Image.newBuilder().addBoxes(box.toBuilder().setLabel("x".repeat(8 << 20))).build(),
        "box 0 has a label of 8388608 characters; at most 128 are taken");
  }

  @ParameterizedTest
  @CsvSource({
    "-4, 2, 0, 'box 0 is -4.0 pixels wide and 2.0 high; both must be above 0 and at most 1048576'",
    "0, 2, 0, 'box 0 is 0.0 pixels wide and 2.0 high; both must be above 0 and at most 1048576'",
    "NaN, 2, 0, 'box 0 is NaN pixels wide and 2.0 high; both must be above 0 and at most 1048576'",
    "2, Infinity, 0,"
        + " 'box 0 is 2.0 pixels wide and Infinity high; both must be above 0 and at most 1048576'",
    "2, 2, NaN, 'box 0 is at NaN, 0.0; both must be numbers of pixels within 1048576'",
    "2, 2, -1e30, 'box 0 is at -1.0E30, 0.0; both must be numbers of pixels within 1048576'",
  })
  void refusesBoxesThatAreNone(float width, float height, float x, String reason) {
    Box box = Box.newBuilder().setX(x).setWidth(width).setHeight(height).setLabel("disc").build();
    assertRejected(Image.newBuilder().addBoxes(box).build(), reason);
  }

  @Test
  void refusesABoxBesideItsPicture() {
    assertRejected(
        image(60, 40, box(70, 1, 5, 5)),
        "box 0 ('disc', 5.0 x 5.0 at 70.0, 1.0) has no area in the picture of 60 x 40");
  }

  @Test
  void aWholePictureMayHaveAClass() throws Exception {
    Document plain = document(image(60, 40, box(10, 5, 20, 30)));
    assertThat(transform.prepare(plain).hasClassIndex()).isFalse();
    Sample labelled = transform.prepare(plain.toBuilder().setLabel("disc").build());
    assertThat(labelled.hasClassIndex()).isTrue();
    assertThat(labelled.getClassIndex()).isZero();
  }

  @Test
  void keepsAPictureAtItsOwnSize() throws Exception {
    Sample sample = transform.prepare(document(image(60, 40, box(10, 5, 20, 30))));

    assertThat(sample.getWidth()).isEqualTo(60);
    assertThat(sample.getHeight()).isEqualTo(40);
    assertThat(sample.getScale()).isEqualTo(1);
    assertThat(Samples.rgb(sample)).isEqualTo(Picture.filled(60, 40, 9, 8, 7).rgb());
    assertThat(sample.getBoxes(0).getX()).isEqualTo(10);
    assertThat(sample.getBoxes(0).getHeight()).isEqualTo(30);
  }

  @Test
  void scalesALargerPictureDownToTheLimitWithItsBoxes() throws Exception {
    Sample sample =
        transform.prepare(
            document(image(256, 100, box(40, 20, 80, 60).toBuilder().setArea(2400).build())));

    assertThat(sample.getWidth()).isEqualTo(64);
    assertThat(sample.getHeight()).isEqualTo(25);
    assertThat(sample.getScale()).isEqualTo(0.25f);
    assertThat(sample.getBoxes(0).getX()).isEqualTo(10);
    assertThat(sample.getBoxes(0).getWidth()).isEqualTo(20);
    assertThat(sample.getBoxes(0).getArea()).isEqualTo(150);
  }

  private static Box box(float x, float y, float width, float height) {
    return Box.newBuilder()
        .setX(x)
        .setY(y)
        .setWidth(width)
        .setHeight(height)
        .setLabel("disc")
        .build();
  }

  private static Image image(int width, int height, Box box) {
    byte[] png = PictureWriter.png(Picture.filled(width, height, 9, 8, 7));
    return Image.newBuilder().setEncoded(ByteString.copyFrom(png)).addBoxes(box).build();
  }

  private static Document document(Image image) {
    return Document.newBuilder().setId("p").setImage(image).build();
  }

  private void assertRejected(Image image, String reason) {
    assertThatThrownBy(() -> transform.prepare(document(image)))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessage(reason);
  }
}
