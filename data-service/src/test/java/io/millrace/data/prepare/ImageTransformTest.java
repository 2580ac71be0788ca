package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.data.document.PictureRules;
import io.millrace.data.document.RejectedDocumentException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageTransformTest {
  private final ImageTransform transform = new ImageTransform("shapes", 64, 32, List.of("disc"));

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

  private void assertRejected(Image image, String reason) {
    Document document = Document.newBuilder().setId("p").setImage(image).build();
    assertThatThrownBy(() -> transform.prepare(document))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessage(reason);
  }
}
