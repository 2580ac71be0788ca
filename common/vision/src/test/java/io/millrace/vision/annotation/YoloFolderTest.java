package io.millrace.vision.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.vision.box.Box;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.picture.PictureWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders as the tools of the YOLO family write them. */
class YoloFolderTest {

  @TempDir Path root;

  private void picture(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.write(file, PictureWriter.png(Picture.filled(80, 40, 1, 2, 3)));
  }

  private void text(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, content);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "names: [cat, dog]\ntrain: images/train\n",
        "names:\n  0: cat\n  1: dog\nnc: 2\n",
        "names:\n- cat\n- dog\n"
      })
  void readsImagesAndLabelsSideBySide(String yaml) throws IOException {
    text("data.yaml", yaml);
    picture("images/train/a.png");
    text("labels/train/a.txt", "1 0.5 0.5 0.25 0.5\n\n0 0.1 0.25 0.1 0.2\n");
    picture("images/val/b.png");
    text("labels/val/b.txt", "");
    picture("images/val/c.png");

    AnnotationSet set = AnnotationFolder.read(root);

    assertThat(set.problems()).isEmpty();
    assertThat(set.classes()).containsExactly("cat", "dog");
    assertThat(set.pictures())
        .extracting(AnnotatedPicture::split)
        .containsExactly("train", "val", "val");
    AnnotatedPicture first = set.pictures().getFirst();
    assertThat(first.id()).isEqualTo("images/train/a");
    assertThat(first.boxes().getFirst())
        .isEqualTo(new NamedBox(new Box(30, 10, 20, 20), "dog", false));
    assertThat(first.boxes()).hasSize(2);
    assertThat(set.pictures().get(1).boxes()).isEmpty();
    assertThat(set.pictures().get(2).boxes()).isEmpty();
  }

  @Test
  void readsSplitsThatHoldImagesAndLabels() throws IOException {
    text("data.yaml", "names: [cell]");
    picture("train/images/a.png");
    text("train/labels/a.txt", "0 0.5 0.5 1 1");
    picture("valid/images/a.png");
    text("valid/labels/a.txt", "0 0.25 0.5 0.5 1");
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.pictures()).extracting(AnnotatedPicture::split).containsExactly("train", "val");
    assertThat(set.pictures().get(1).boxes().getFirst().box()).isEqualTo(new Box(0, 0, 40, 40));
  }

  @Test
  void readsLabelsBesidePicturesAndPolygons() throws IOException {
    text("classes.txt", "cell\n");
    picture("a.png");
    text("a.txt", "0 0.25 0.5 0.75 0.5 0.5 1.0");
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.pictures().getFirst().boxes().getFirst().box())
        .isEqualTo(new Box(20, 20, 40, 20));
  }

  @Test
  void namesClassesByNumberWhereNothingNamesThem() throws IOException {
    picture("images/a.png");
    text("labels/a.txt", "2 0.5 0.5 0.5 0.5");
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.classes()).containsExactly("class 0", "class 1", "class 2");
    assertThat(set.problems()).singleElement().asString().contains("no data.yaml or classes.txt");
  }

  @Test
  void leavesOutSingleBadLinesAndSaysWhich() throws IOException {
    text("data.yaml", "names: [cat]");
    picture("images/a.png");
    text(
        "labels/a.txt",
        """
        0 0.5 0.5 0.5 0.5
        0 0.5 0.5 0.5
        cat 0.5 0.5 0.5 0.5
        7 0.5 0.5 0.5 0.5
        0 0.5 0.5 0 0.5
        0 nan 0.5 0.5 0.5
        0 0.9 0.5 0.5 0.5
        """);
    text("images/b.png", "no picture");
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.pictures()).hasSize(1);
    assertThat(set.pictures().getFirst().boxes()).hasSize(2);
    assertThat(set.leftOut()).containsExactly("images/b.png");
    assertThat(set.problems())
        .hasSize(7)
        .anySatisfy(line -> assertThat(line).contains("labels/a.txt:2", "'0 0.5 0.5 0.5'"))
        .anySatisfy(line -> assertThat(line).contains("labels/a.txt:3", "'cat"))
        .anySatisfy(line ->
            assertThat(line).contains("labels/a.txt:4", "class 7.0", "1 classes of data.yaml"))
        .anySatisfy(line -> assertThat(line).contains("labels/a.txt:5", "no area"))
        .anySatisfy(line -> assertThat(line).contains("labels/a.txt:6"))
        .anySatisfy(line -> assertThat(line).contains("labels/a.txt:7", "cut"));
  }

  /** Six digits of a share of the width: a hundred-thousandth of a pixel too much. */
  @Test
  void cutsWhatIsOutsideByRoundingAloneWithoutANote() throws IOException {
    text("classes.txt", "cell\n");
    picture("a.png");
    text("a.txt", "0 0.950001 0.5 0.1 1.000001");
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.problems()).isEmpty();
    Box box = set.pictures().getFirst().boxes().getFirst().box();
    assertThat(box.right()).isLessThanOrEqualTo(80);
    assertThat(box.bottom()).isLessThanOrEqualTo(40);
  }

  @Test
  void doesNotRunWhatYamlAsksFor() throws IOException {
    text("data.yaml", "names: !!javax.script.ScriptEngineManager [!!java.net.URL [\"http://x/\"]]");
    picture("images/a.png");
    text("labels/a.txt", "0 0.5 0.5 0.5 0.5");
    AnnotationSet set = AnnotationFolder.read(root);
    assertThat(set.problems())
        .anySatisfy(line -> assertThat(line).contains("data.yaml", "cannot be read"));
    assertThat(set.classes()).containsExactly("class 0");
  }

  @Test
  void refusesFoldersOfNothing() throws IOException {
    text("notes.txt", "hello");
    assertThatThrownBy(() -> AnnotationFolder.read(root))
        .isInstanceOf(InvalidAnnotationException.class)
        .hasMessageContaining("nor YOLO's labels");
  }
}
