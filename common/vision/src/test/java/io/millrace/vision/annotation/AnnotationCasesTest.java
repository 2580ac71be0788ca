package io.millrace.vision.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.vision.box.Box;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import io.millrace.vision.picture.TestPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sets as archives and labelling tools leave them: nothing wrong is learned, nothing is silent. */
class AnnotationCasesTest {

  @TempDir Path root;

  private static final String CATEGORIES = ", \"categories\": [{\"id\": 7, \"name\": \"cat\"}]}";

  private static String image(String id, String name, int width, int height) {
    return "{\"id\": %s, \"file_name\": \"%s\", \"width\": %d, \"height\": %d}"
        .formatted(id, name, width, height);
  }

  private static String box(String imageId, String rest) {
    return "{\"id\": 1, \"image_id\": %s, \"category_id\": 7, %s}".formatted(imageId, rest);
  }

  private static String coco(String images, String annotations) {
    return "{\"images\": [" + images + "], \"annotations\": [" + annotations + "]" + CATEGORIES;
  }

  private static final String BBOX = "\"bbox\": [1, 1, 5, 5]";

  private AnnotationSet read() throws IOException {
    return AnnotationFolder.read(root);
  }

  private void picture(String name, int width, int height) throws IOException {
    bytes(name, PictureWriter.png(Picture.filled(width, height, 1, 2, 3)));
  }

  private void text(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(List.of(file.getParent()).getFirst());
    Files.writeString(file, content);
  }

  private void bytes(String name, byte[] content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(List.of(file.getParent()).getFirst());
    Files.write(file, content);
  }

  /** COCO 2017: every part numbers its pictures itself here, which the real one does not. */
  @Test
  void readsCocoAsItsArchivesUnpack() throws IOException {
    for (String part : List.of("train2017", "val2017")) {
      picture(part + "/000001.jpg", 64, 48);
      text(
          "annotations/instances_" + part + ".json",
          coco(image("1", "000001.jpg", 64, 48), box("1", BBOX)));
      text(
          "annotations/person_keypoints_" + part + ".json",
          coco(image("1", "000001.jpg", 64, 48), box("1", BBOX + ", \"keypoints\": [1, 1, 2]")));
    }
    text(
        "annotations/captions_val2017.json",
        "{\"images\": ["
            + image("1", "000001.jpg", 64, 48)
            + "], \"annotations\":"
            + " [{\"image_id\": 1, \"id\": 5, \"caption\": \"x\"}]}");
    text(
        "annotations/panoptic_val2017.json",
        "{\"images\": [], \"annotations\": [{\"image_id\": 1, \"segments_info\": []}]}");
    text("annotations/image_info_test2017.json", "{\"info\": {}, \"images\": []}");
    AnnotationSet set = read();
    assertThat(set.pictures())
        .extracting(AnnotatedPicture::name, AnnotatedPicture::split, p -> p.boxes().size())
        .containsExactly(
            tuple("train2017/000001.jpg", "train", 1), tuple("val2017/000001.jpg", "val", 1));
    assertThat(set.classes()).containsExactly("cat");
    assertThat(set.problems())
        .containsExactlyInAnyOrder(
            "annotations/captions_val2017.json: captions without boxes, ignored",
            "annotations/panoptic_val2017.json: panoptic segments without boxes, ignored",
            "annotations/image_info_test2017.json: pictures without annotations, ignored",
            "annotations/person_keypoints_train2017.json: keypoints, ignored: the boxes of the"
                + " other files are taken",
            "annotations/person_keypoints_val2017.json: keypoints, ignored: the boxes of the"
                + " other files are taken");
  }

  @Test
  void readsTheBoxesOfKeypointsIfThereAreNoOthers() throws IOException {
    picture("a.png", 64, 48);
    text(
        "k.json", coco(image("1", "a.png", 64, 48), box("1", BBOX + ", \"keypoints\": [1, 1, 2]")));
    assertThat(read().pictures().getFirst().boxes()).hasSize(1);
  }

  /** A picture of one part is not another part's, even if it is the only one of its name. */
  @Test
  void doesNotTakeAPictureOfAnotherPart() throws IOException {
    picture("train2017/1.jpg", 64, 48);
    text("annotations/instances_val2017.json", coco(image("1", "1.jpg", 64, 48), box("1", BBOX)));
    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidAnnotationException.class)
        .hasMessageEndingWith(
            "annotations/instances_val2017.json: picture '1.jpg' is missing, left out");
  }

  @Test
  void doesNotGuessWhichPictureIsMeant() throws IOException {
    picture("a/1.jpg", 64, 48);
    picture("b/1.jpg", 64, 48);
    picture("b/2.jpg", 64, 48);
    text(
        "x/labels.json",
        coco(
            image("1", "1.jpg", 64, 48) + "," + image("2", "C:\\\\\\\\data\\\\\\\\2.jpg", 64, 48),
            box("1", BBOX)));
    AnnotationSet set = read();
    assertThat(set.pictures()).extracting(AnnotatedPicture::name).containsExactly("b/2.jpg");
    assertThat(set.problems())
        .containsExactly("x/labels.json: picture '1.jpg' may be 'a/1.jpg' or 'b/1.jpg', left out");
  }

  @Test
  void ignoresWhatMacosAddsToArchives() throws IOException {
    picture("JPEGImages/2.jpg", 64, 48);
    text("Annotations/2.xml", voc("2.jpg", 64, 48, object("cat", "1", "1", "9", "9", "0")));
    bytes("__MACOSX/Annotations/._2.xml", new byte[] {0, 5, 22, 7, 0, 2, 0, 0});
    bytes("Annotations/._2.xml", new byte[] {0, 5, 22, 7, 0, 2, 0, 0});
    AnnotationSet set = read();
    assertThat(set.pictures()).hasSize(1);
    assertThat(set.problems())
        .containsExactly("2 files that macOS adds to archives (__MACOSX, ._*) are ignored");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"category_id\": null, \"bbox\": [1, 1, 5, 5] | unknown category_id null",
        "\"category_id\": 8, \"bbox\": [1, 1, 5, 5] | unknown category_id 8",
        "\"category_id\": 7 | no bbox",
        "\"category_id\": 7, \"bbox\": [\"a\", \"b\", \"c\", \"d\"] | bbox is not four numbers",
        "\"category_id\": 7, \"bbox\": \"1 1 5 5\" | bbox is not four numbers",
        "\"category_id\": 7, \"bbox\": [1, 1, 5] | bbox is not four numbers",
        "\"category_id\": 7, \"bbox\": [1, 1, 5, 5, 30] | bbox is not four numbers",
        "\"category_id\": 7, \"bbox\": [9, 9, -5, 5] | box -5.0 x 5.0 at (9.0, 9.0) has no area",
      })
  void leavesOutOneBadAnnotation(String bad, String reason) throws IOException {
    picture("k.png", 64, 48);
    text(
        "a.json",
        coco(
            image("1", "k.png", 64, 48),
            box("1", BBOX) + ", {\"id\": 2, \"image_id\": 1, " + bad + "}"));
    AnnotationSet set = read();
    assertThat(set.pictures().getFirst().boxes())
        .containsExactly(new NamedBox(new Box(1, 1, 5, 5), "cat", false));
    assertThat(set.problems()).containsExactly("a.json, annotation 2: " + reason + ", left out");
  }

  @Test
  void leavesOutOneBadFileOfSeveral() throws IOException {
    picture("k.png", 64, 48);
    picture("broken.png", 64, 48);
    bytes(
        "broken.png", java.util.Arrays.copyOf(Files.readAllBytes(root.resolve("broken.png")), 60));
    text(
        "a.json",
        coco(
            image("1", "k.png", 64, 48) + "," + image("2", "broken.png", 64, 48) + ", 5",
            box("1", BBOX) + "," + box("2", BBOX)));
    text("b.json", "{\"images\": [");
    text("c.json", "{\"name\": \"a project's own\"}");
    AnnotationSet set = read();
    assertThat(set.pictures()).extracting(AnnotatedPicture::name).containsExactly("k.png");
    assertThat(set.leftOut()).containsExactly("broken.png");
    assertThat(set.problems())
        .hasSize(4)
        .anySatisfy(p -> assertThat(p).contains("picture broken.png: the file is broken off"))
        .anySatisfy(p -> assertThat(p).contains("a.json: images[2].id"))
        .anySatisfy(p -> assertThat(p).startsWith("b.json: not JSON (").endsWith(", left out"))
        .contains("c.json: no COCO annotations, ignored");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"1\" | \"1\"",
        "1 | \"1\"",
        "\"1\" | 1",
        "1.0 | 1",
        "\"picture-a\" | \"picture-a\""
      })
  void takesIdsOfAnyKind(String id, String reference) throws IOException {
    picture("k.png", 64, 48);
    text("a.json", coco(image(id, "k.png", 64, 48), box(reference, BBOX)));
    AnnotationSet set = read();
    assertThat(set.pictures().getFirst().boxes()).hasSize(1);
    assertThat(set.problems()).isEmpty();
  }

  @Test
  void keepsTheOrderOfIdsOfAnyKind() throws IOException {
    picture("k.png", 64, 48);
    text(
        "a.json",
        "{\"images\": ["
            + image("1", "k.png", 64, 48)
            + "], \"annotations\": [], \"categories\": ["
            + "{\"id\": \"x\", \"name\": \"d\"}, {\"id\": 10, \"name\": \"c\"},"
            + "{\"id\": 9, \"name\": \"b\"}, {\"id\": \"2\", \"name\": \"a\"}]}");
    assertThat(read().classes()).containsExactly("a", "b", "c", "d");
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, 0",
    "false, false, 0",
    "1, true, 0",
    "null, false, 0",
    "'\"yes\"', false, 1",
    "2, false, 1"
  })
  void takesCrowdsAsTruthValues(String value, boolean crowd, int problems) throws IOException {
    picture("k.png", 64, 48);
    text("a.json", coco(image("1", "k.png", 64, 48), box("1", BBOX + ", \"iscrowd\": " + value)));
    AnnotationSet set = read();
    assertThat(set.pictures().getFirst().boxes().getFirst().crowd()).isEqualTo(crowd);
    assertThat(set.problems()).hasSize(problems);
  }

  /** Each file's ids count in it, so that no box gets another file's class. */
  @Test
  void idsOfCategoriesCountInTheirFile() throws IOException {
    picture("a.png", 64, 48);
    picture("b.png", 64, 48);
    text("a.json", coco(image("1", "a.png", 64, 48), box("1", BBOX)));
    text("b.json", coco(image("1", "b.png", 64, 48), box("1", BBOX)).replace("cat\"", "dog\""));
    AnnotationSet set = read();
    assertThat(set.classes()).containsExactly("cat", "dog");
    assertThat(set.pictures())
        .extracting(p -> p.boxes().getFirst().label())
        .containsExactly("cat", "dog");
    assertThat(set.problems()).containsExactly("b.json: category 7 is 'dog' here and 'cat' before");
  }

  @Test
  void refusesBoxesWithoutCategories() throws IOException {
    picture("k.png", 64, 48);
    text("a.json", coco(image("1", "k.png", 64, 48), box("1", BBOX)).replace(CATEGORIES, "}"));
    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidAnnotationException.class)
        .hasMessageContaining("a.json: boxes without categories");
  }

  @Test
  void leavesOutAPictureThatWasScaledAfterLabelling() throws IOException {
    picture("r.png", 64, 48);
    picture("k.png", 64, 48);
    text(
        "a.json",
        coco(image("1", "r.png", 640, 480) + "," + image("2", "k.png", 64, 48), box("1", BBOX)));
    AnnotationSet set = read();
    assertThat(set.pictures()).extracting(AnnotatedPicture::name).containsExactly("k.png");
    assertThat(set.leftOut()).containsExactly("r.png");
    assertThat(set.problems())
        .containsExactly(
            "a.json: picture 'r.png' is 64 x 48, its annotation says 640 x 480: boxes would be"
                + " elsewhere, left out");
  }

  /** (6, 4) to (22, 12) of stored 64 x 48; seen at 48 x 64 from (36, 6) on. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "48 | 64 | 36, 6, 8, 16 | ''",
        "64 | 48 | 6, 4, 16, 8 | is turned by its EXIF orientation 6, its boxes were not: turned too",
        "0  | 0  | 36, 6, 8, 16 | has the EXIF orientation 6 and no size that tells",
      })
  void bringsTurnedPicturesToWhatAPersonSees(int width, int height, String bbox, String problem)
      throws IOException {
    bytes("exif6.png", TestPictures.turnedPng(Picture.filled(64, 48, 1, 2, 3), 6, false));
    text(
        "a.json",
        coco(image("1", "exif6.png", width, height), box("1", "\"bbox\": [" + bbox + "]")));
    AnnotationSet set = read();
    assertThat(set.pictures().getFirst().boxes())
        .containsExactly(new NamedBox(new Box(36, 6, 8, 16), "cat", false));
    assertThat(String.join("", set.problems())).contains(problem);
    assertThat(set.problems()).hasSize(problem.isEmpty() ? 0 : 1);
  }

  /** Half turns and mirrors keep the size, which then tells nothing. */
  @ParameterizedTest
  @CsvSource({"2", "3", "4"})
  void saysWhatItAssumesWhereTheSizeTellsNothing(int exif) throws IOException {
    bytes("a.png", TestPictures.turnedPng(Picture.filled(64, 48, 1, 2, 3), exif, true));
    text("a.json", coco(image("1", "a.png", 64, 48), box("1", BBOX)));
    AnnotationSet set = read();
    assertThat(set.pictures().getFirst().boxes().getFirst().box()).isEqualTo(new Box(1, 1, 5, 5));
    assertThat(set.problems())
        .singleElement()
        .asString()
        .contains("EXIF orientation " + exif)
        .contains("taken as drawn on the turned picture");
  }

  @Test
  void leavesOutVocPicturesOfAnotherSizeAndBadObjects() throws IOException {
    picture("swapped.png", 64, 48);
    picture("k.png", 64, 48);
    text("swapped.xml", voc("swapped.png", 48, 64, object("cat", "1", "1", "9", "9", "0")));
    text(
        "k.xml",
        voc(
            "k.png",
            64,
            48,
            object("cat", "1", "1", "9", "9", "true")
                + object("cat", "x", "1", "9", "9", "0")
                + object("dog", "1", "1", "9", "9", "maybe")
                + object("a&#7;b", "1", "1", "9", "9", "0").replace("&#7;", "&#10;")
                + "<object><name>cat</name></object>"));
    text("broken.xml", "<annotation><filename>k.png</filename>");
    AnnotationSet set = read();
    assertThat(set.pictures()).extracting(AnnotatedPicture::name).containsExactly("k.png");
    assertThat(set.pictures().getFirst().boxes())
        .containsExactly(
            new NamedBox(new Box(0, 0, 9, 9), "cat", true),
            new NamedBox(new Box(0, 0, 9, 9), "dog", false));
    assertThat(set.problems())
        .hasSize(6)
        .anySatisfy(p -> assertThat(p).startsWith("broken.xml: not readable XML"))
        .anySatisfy(
            p -> assertThat(p).contains("'swapped.png' is 64 x 48").contains("says 48 x 64"))
        .contains(
            "k.xml: object 2 has <xmin> 'x', not a number, left out",
            "k.xml: object 3 has <difficult> 'maybe', taken as 0",
            "k.xml: object 4 has control characters in its name, left out",
            "k.xml: object 5 has <xmin> '', not a number, left out");
  }

  /** macOS takes letters with marks apart in file names; COCO files do not. */
  @Test
  void findsFilesOfFormsByAnyName() throws IOException {
    picture("1", 64, 48);
    text(
        "2",
        coco(
            image("1", "katze_\u00e4.png", 64, 48)
                + ","
                + image("2", "train/\u732b.png", 64, 48)
                + ","
                + image("3", "images/sub.png", 64, 48),
            box("1", BBOX)));
    Map<String, Path> names = new LinkedHashMap<>();
    names.put("katze_a\u0308.png", root.resolve("1"));
    names.put("\u732b.png", root.resolve("1"));
    names.put("sub.png", root.resolve("1"));
    names.put("labels.json", root.resolve("2"));
    AnnotationSet set = AnnotationFolder.read(SetFiles.of("form", names));
    assertThat(set.pictures())
        .extracting(AnnotatedPicture::name)
        .containsExactly("katze_a\u0308.png", "\u732b.png", "sub.png");
    assertThat(set.problems()).isEmpty();
  }

  private static String voc(String file, int width, int height, String objects) {
    return "<annotation><filename>%s</filename><size><width>%d</width><height>%d</height></size>%s</annotation>"
        .formatted(file, width, height, objects);
  }

  private static String object(
      String label, String left, String top, String right, String bottom, String difficult) {
    return ("<object><name>%s</name><difficult>%s</difficult><bndbox><xmin>%s</xmin>"
            + "<ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox></object>")
        .formatted(label, difficult, left, top, right, bottom);
  }
}
