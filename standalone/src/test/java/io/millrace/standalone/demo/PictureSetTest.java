package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.terminal.UserError;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person's folder of pictures becomes, and what is refused before anything starts. */
class PictureSetTest {

  private static final String CATEGORIES = ", \"categories\": [{\"id\": 7, \"name\": \"cat\"}]}";
  private static final String BOX =
      "{\"id\": 1, \"image_id\": 1, \"category_id\": 7, \"bbox\": [1, 1, 5, 5], \"area\": 12}";

  @TempDir Path root;

  private static String coco(String file, String annotations) {
    return "{\"images\": [{\"id\": 1, \"file_name\": \"%s\", \"width\": 64, \"height\": 48}],"
            .formatted(file)
        + " \"annotations\": ["
        + annotations
        + "]"
        + CATEGORIES;
  }

  private void picture(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(List.of(file.getParent()).getFirst());
    Files.write(file, PictureWriter.png(Picture.filled(64, 48, 1, 2, 3)));
  }

  private void text(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(List.of(file.getParent()).getFirst());
    Files.writeString(file, content);
  }

  private void coco2017(String trainAnnotations, String valAnnotations) throws IOException {
    picture("train2017/000001.jpg");
    picture("val2017/000002.jpg");
    text("annotations/instances_train2017.json", coco("000001.jpg", trainAnnotations));
    text("annotations/instances_val2017.json", coco("000002.jpg", valAnnotations));
  }

  @Test
  void learnsFromTheTrainingPartOfCocoAsItsArchivesUnpack() throws IOException {
    coco2017(BOX, BOX);
    text(
        "annotations/captions_val2017.json",
        "{\"images\": [], \"annotations\": [{\"image_id\": 1, \"id\": 5, \"caption\": \"x\"}]}");

    PictureSet set = PictureSet.ofFolder(root);

    assertThat(set.train()).extracting(DemoPicture::id).containsExactly("000001.jpg");
    assertThat(set.unseen()).extracting(DemoPicture::id).containsExactly("000002.jpg");
    assertThat(set.train().getFirst().boxes().getFirst().area()).isEqualTo(12);
    assertThat(set.width()).isEqualTo(64);
    assertThat(set.height()).isEqualTo(64);
    assertThat(set.notes())
        .containsExactly("annotations/captions_val2017.json: captions without boxes, ignored");
    byte[] encoded = set.train().getFirst().encoded();
    assertThat(DemoPicture.mediaType(encoded)).isEqualTo("image/png");
    assertThat(encoded).isEqualTo(Files.readAllBytes(root.resolve("train2017/000001.jpg")));
  }

  @Test
  void saysHowManyPicturesItDoesNotJudge() throws IOException {
    coco2017(BOX, BOX);
    List<String> images = new ArrayList<>();
    for (int id = 1; id <= 130; id++) {
      picture("val2017/%d.png".formatted(id));
      images.add(
          "{\"id\": %d, \"file_name\": \"%d.png\", \"width\": 64, \"height\": 48}"
              .formatted(id, id));
    }
    text(
        "annotations/instances_val2017.json",
        "{\"images\": " + images + ", \"annotations\": [" + BOX + "]" + CATEGORIES);

    PictureSet set = PictureSet.ofFolder(root);

    assertThat(set.unseen()).hasSize(128);
    assertThat(set.notes())
        .contains("2 of 130 pictures to be judged on left out, 128 are enough for the demo");
  }

  @Test
  void refusesBoxesWithoutCategories() throws IOException {
    coco2017(BOX, BOX);
    for (String part : List.of("train", "val")) {
      Path file = root.resolve("annotations/instances_" + part + "2017.json");
      Files.writeString(file, Files.readString(file).replace(CATEGORIES, "}"));
    }
    refuses("--data " + root + " holds no picture that can be used", "boxes without categories");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | not one box in them",
        "{\"image_id\": 1, \"category_id\": 7, \"bbox\": [\"a\", 1, 2, 3]} | bbox is not four numbers",
        "{\"image_id\": 1, \"category_id\": 7, \"bbox\": [9, 9, -5, 5]} | has no area",
      })
  void refusesPicturesWithoutABox(String annotation, String reason) throws IOException {
    coco2017(annotation, annotation);
    refuses("has pictures to learn from, but not one box in them", reason);
  }

  @Test
  void refusesAPartWithoutPictures() throws IOException {
    picture("train2017/000001.jpg");
    text("annotations/instances_train2017.json", coco("000001.jpg", BOX));
    refuses("has 1 pictures to learn from and 0 to be judged on");
  }

  @Test
  void refusesANameThatIsTooLongForAClass() throws IOException {
    coco2017(BOX, BOX);
    for (String part : List.of("train", "val")) {
      Path file = root.resolve("annotations/instances_" + part + "2017.json");
      Files.writeString(file, Files.readString(file).replace("cat\"", "x".repeat(129) + "\""));
    }
    refuses("has a class name of 129 characters, the limit is 128");
  }

  @Test
  void leavesOutWhatADatasetWouldRefuse() throws IOException {
    coco2017(BOX, BOX);
    picture("train2017/many.jpg");
    text("annotations/more_train2017.json", coco("many.jpg", (BOX + ",").repeat(1000) + BOX));
    assertThat(PictureSet.ofFolder(root).notes())
        .containsExactly("train2017/many.jpg: 1001 boxes; at most 1000 are taken, left out");
  }

  private void refuses(String... parts) {
    assertThatThrownBy(() -> PictureSet.ofFolder(root))
        .isInstanceOf(UserError.class)
        .message()
        .contains(parts);
  }
}
