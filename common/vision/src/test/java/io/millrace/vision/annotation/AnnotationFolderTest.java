package io.millrace.vision.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.vision.box.Box;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnnotationFolderTest {

  @TempDir Path root;

  @Test
  void readsVocWithItsParts() throws IOException {
    picture("JPEGImages/a.jpg", 64, 48);
    write("ImageSets/Main/val.txt", "a\n");
    write(
        "Annotations/a.xml", voc("a.jpg", "cat", 1, 11, 20, 40) + object("dog", 5, 5, 5, 9) + END);
    write("Annotations/b.xml", voc("b.jpg", "cat", 1, 1, 9, 9) + END);
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.classes()).containsExactly("cat");
    assertThat(set.pictures()).hasSize(1);
    AnnotatedPicture picture = set.pictures().getFirst();
    assertThat(picture.split()).isEqualTo("val");
    assertThat(picture.boxes()).containsExactly(new NamedBox(new Box(0, 10, 20, 30), "cat", false));
    assertThat(set.problems())
        .hasSize(2)
        .anySatisfy(p -> assertThat(p).contains("a.xml").contains("no area"))
        .anySatisfy(p -> assertThat(p).contains("b.xml").contains("'b.jpg' is missing"));
  }

  @Test
  void readsCocoAndNotesWhatIsWrong() throws IOException {
    picture("images/a.png", 50, 40);
    write(
        "annotations/instances_train.json",
        """
        {"images": [{"id": 1, "file_name": "a.png", "width": 50, "height": 40},
                    {"id": 1, "file_name": "twice.png", "width": 50, "height": 40},
                    {"id": 2, "file_name": "../../etc/passwd", "width": 50, "height": 40}],
         "categories": [{"id": 7, "name": "nucleus"}],
         "annotations": [
           {"id": 1, "image_id": 1, "category_id": 7, "bbox": [5, 6, 10, 12], "iscrowd": 0,
            "area": 90.5},
           {"id": 2, "image_id": 1, "category_id": 7, "bbox": [45, 30, 10, 12], "iscrowd": 1},
           {"id": 3, "image_id": 1, "category_id": 8, "bbox": [5, 6, 10, 12]},
           {"id": 4, "image_id": 9, "category_id": 7, "bbox": [5, 6, 10, 12]},
           {"id": 5, "image_id": 1, "category_id": 7, "bbox": [60, 6, 10, 12]}]}
        """);
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.pictures()).hasSize(1);
    assertThat(set.pictures().getFirst().boxes())
        .containsExactly(
            new NamedBox(new Box(5, 6, 10, 12), "nucleus", false, 90.5),
            new NamedBox(new Box(45, 30, 5, 10), "nucleus", true));
    assertThat(set.problems())
        .hasSize(6)
        .anySatisfy(p -> assertThat(p).contains("image id 1 stands twice"))
        .anySatisfy(p -> assertThat(p).contains("etc/passwd' is missing"))
        .anySatisfy(p -> assertThat(p).contains("annotation 2").contains("cut"))
        .anySatisfy(p -> assertThat(p).contains("annotation 3").contains("category_id"))
        .anySatisfy(p -> assertThat(p).contains("annotation 4").contains("image_id"))
        .anySatisfy(p -> assertThat(p).contains("annotation 5").contains("outside"));
  }

  @Test
  void readsThroughAPathWithDots() throws IOException {
    Files.createDirectory(root.resolve("elsewhere"));
    picture("voc/JPEGImages/a.jpg", 64, 48);
    write("voc/Annotations/a.xml", voc("a.jpg", "cat", 1, 11, 20, 40) + END);
    picture("coco/images/a.png", 50, 40);
    write("coco/a.json", coco("a.png", "cat"));
    for (String name : List.of("voc", "coco")) {
      AnnotationSet set = AnnotationFolder.read(root.resolve("elsewhere/../" + name));
      assertThat(set.problems()).isEmpty();
      assertThat(set.pictures()).hasSize(1);
    }
  }

  @Test
  void readsOnlyWhatBelongsToTheObjectInVoc() throws IOException {
    picture("a.JPEG", 64, 48);
    write(
        "a.XML",
        "<annotation><filename>a</filename><object><name>person</name>"
            + "<part><name>head</name>"
            + "<bndbox><xmin>9</xmin><ymin>9</ymin><xmax>10</xmax><ymax>10</ymax></bndbox></part>"
            + "<bndbox><xmin>0</xmin><ymin>1</ymin><xmax>20</xmax><ymax>30</ymax></bndbox>"
            + "</object></annotation>");
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.pictures().getFirst().id()).isEqualTo("a");
    assertThat(set.pictures().getFirst().boxes())
        .containsExactly(new NamedBox(new Box(0, 0, 20, 30), "person", false));
    assertThat(set.problems())
        .containsExactly("a.XML: box 21.0 x 30.0 at (-1.0, 0.0) reaches out of the picture, cut");
  }

  @Test
  void xmlOfOtherKindsDoesNotMakeAFolderVoc() throws IOException {
    picture("images/a.png", 50, 40);
    write("a.JSON", coco("a.png", "cat"));
    write(".idea/workspace.xml", "<?xml version='1.0'?><project/>");
    assertThat(AnnotationFolder.read(root).pictures()).hasSize(1);
  }

  @Test
  void takesTheNearestPictureAndGivesEachAnIdOfItsOwn() throws IOException {
    for (String part : List.of("train", "valid")) {
      picture(part + "/a.png", 50, 40);
      write(part + "/_annotations.coco.json", coco("a.png", "cat"));
    }
    picture("a.png", 50, 40);
    write("more_valid.json", coco("valid/a.png", "cat"));
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.pictures())
        .extracting(AnnotatedPicture::id, AnnotatedPicture::file, AnnotatedPicture::split)
        .containsExactly(
            tuple("valid/a.png", root.resolve("valid/a.png"), "val"),
            tuple("a.png", root.resolve("train/a.png"), "train"));
    assertThat(set.problems())
        .containsExactly(
            "valid/_annotations.coco.json: picture 'a.png' was there already, left out");
  }

  @Test
  void categoriesOfOneNameAreOneClass() throws IOException {
    picture("a.png", 50, 40);
    write(
        "contest.json",
        """
        {"images": [{"id": 1, "file_name": "a.png"}],
         "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "cat"}],
         "annotations": [{"id": 1, "image_id": 1, "category_id": 2, "bbox": [5, 6, 10, 12]}]}
        """);
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.classes()).containsExactly("cat");
    assertThat(set.pictures().getFirst().split()).isEmpty();
    assertThat(set.problems()).containsExactly("contest.json: category 2 is another 'cat'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"id\": true, \"file_name\": \"a.png\"} | .id is neither a whole number nor a text",
        "{\"id\": 1.5, \"file_name\": \"a.png\"} | .id is neither a whole number nor a text",
        "{\"id\": 1, \"file_name\": 5} | .file_name is not a name",
        "{\"id\": 1, \"file_name\": \"a\\u0000.png\"} | .file_name has control characters",
        "7 | .id is neither a whole number nor a text",
      })
  void saysWhatIsNoCoco(String image, String reason) throws IOException {
    write("a.json", "{\"images\": [" + image + "], \"annotations\": [], \"categories\": []}");
    assertThatThrownBy(() -> AnnotationFolder.read(root))
        .isInstanceOf(InvalidAnnotationException.class)
        .hasMessage(
            root + " holds no picture that can be used: a.json: images[0]" + reason + ", left out");
  }

  @Test
  void refusesWhatItCannotRead() throws IOException {
    assertThatThrownBy(() -> AnnotationFolder.read(root)).hasMessageContaining("holds neither");
    write("a.json", "[1]");
    assertThatThrownBy(() -> AnnotationFolder.read(root)).hasMessageContaining("none with COCO's");
    write(
        "a.xml",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><annotation>&x;</annotation>");
    assertThatThrownBy(() -> AnnotationFolder.read(root))
        .isInstanceOf(InvalidAnnotationException.class)
        .hasMessageContaining("a.xml")
        .hasMessageContaining("DOCTYPE");
  }

  @Test
  void readsRealBloodCells() throws IOException {
    Path data = shared("bccd");
    AnnotationSet set = AnnotationFolder.read(data);
    assertThat(set.classes()).containsExactly("Platelets", "RBC", "WBC");
    assertThat(set.pictures()).hasSize(364);
    assertThat(set.pictures().stream().filter(p -> p.split().equals("train"))).hasSize(205);
    assertThat(set.problems())
        .anySatisfy(p -> assertThat(p).contains("BloodImage_00338"))
        .anySatisfy(p -> assertThat(p).contains("BloodImage_00343"));
  }

  @Test
  void readsRealNuclei() throws IOException {
    AnnotationSet set = AnnotationFolder.read(shared("nuclei"));
    assertThat(set.classes()).containsExactly("nucleus");
    assertThat(set.pictures()).hasSize(431);
    assertThat(set.pictures().stream().mapToInt(p -> p.boxes().size()).sum()).isEqualTo(12_116);
  }

  private static Path shared(String name) {
    Path here = Path.of("").toAbsolutePath();
    while (here != null && !Files.isDirectory(here.resolve("shared/data/" + name))) {
      here = here.getParent();
    }
    assumeTrue(here != null, "no shared/data/" + name + " above the working directory");
    return here.resolve("shared/data/" + name);
  }

  private static final String END = "</annotation>";

  private static String coco(String file, String label) {
    return """
    {"images": [{"id": 1, "file_name": "%s", "width": 50, "height": 40}],
     "categories": [{"id": 7, "name": "%s"}],
     "annotations": [{"id": 1, "image_id": 1, "category_id": 7, "bbox": [5, 6, 10, 12]}]}
    """
        .formatted(file, label);
  }

  private static String voc(String file, String label, int left, int top, int right, int bottom) {
    return "<annotation><filename>"
        + file
        + "</filename><size><width>64</width><height>48</height></size>"
        + object(label, left, top, right, bottom);
  }

  private static String object(String label, int left, int top, int right, int bottom) {
    return ("<object><name>%s</name><difficult>0</difficult><bndbox><xmin>%d</xmin><ymin>%d</ymin>"
            + "<xmax>%d</xmax><ymax>%d</ymax></bndbox></object>")
        .formatted(label, left, top, right, bottom);
  }

  private void picture(String name, int width, int height) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(List.of(file.getParent()).getFirst());
    Files.write(file, PictureWriter.png(Picture.filled(width, height, 1, 2, 3)));
  }

  private void write(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(List.of(file.getParent()).getFirst());
    Files.writeString(file, content);
  }
}
