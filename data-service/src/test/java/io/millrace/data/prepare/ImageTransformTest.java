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

  private void assertRejected(Image image, String reason) {
    Document document = Document.newBuilder().setId("p").setImage(image).build();
    assertThatThrownBy(() -> transform.prepare(document))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessage(reason);
  }
}
