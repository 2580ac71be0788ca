package io.millrace.data.upload;

import static io.millrace.testing.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.contracts.data.v1.Box;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.DataProperties;
import io.millrace.data.document.DocumentRules;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Archives of pictures as people have them. */
class PictureArchivesTest {
  private static final byte[] PNG = png();
  private static final String LIMIT = "16KB";

  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Upload upload =
      new Upload(
          kafka,
          new DocumentRules(new Content.Pictures(64, 64, List.of("cat")), 1 << 20),
          document -> new ProducerRecord<>("documents", document.toByteArray()),
          null,
          e -> String.valueOf(e.getMessage()));
  private final DataProperties settings =
      new Binder(
              new MapConfigurationPropertySource(
                  Map.of("millrace.data.unpacked", "64KB", "millrace.data.document", LIMIT)))
          .bindOrCreate("millrace.data", DataProperties.class);
  private final PictureArchives archives =
      new PictureArchives(settings, new PictureDocuments(settings));
  private Set<Path> temporary = Set.of();

  @BeforeEach
  void lookAtTemporaryFiles() throws IOException {
    temporary = temporaryFiles();
  }

  /**
   * However an archive ends, nothing of it stays on the disk. Another process may have files there
   * too, for a while.
   */
  @AfterEach
  void findsNoMoreTemporaryFiles() {
    await().untilAsserted(() -> assertThat(temporary).containsAll(temporaryFiles()));
  }

  @Test
  void readsCocoAsItsArchivesUnpack() {
    Zip zip =
        new Zip()
            .file("train2017/1.png", PNG)
            .file("val2017/2.png", PNG)
            .file("annotations/instances_train2017.json", coco("1.png"))
            .file("annotations/instances_val2017.json", coco("2.png"))
            .file(
                "annotations/captions_val2017.json",
                "{\"images\": [], \"annotations\": [{\"image_id\": 1, \"id\": 5, \"caption\": \"x\"}]}")
            .file("about.txt", "about it")
            .file("README.md", "about it");

    assertThat(append(zip))
        .containsExactly(
            "README.md is left out: no picture and no annotation",
            "about.txt is left out: no annotation",
            "annotations/captions_val2017.json: captions without boxes, ignored");
    assertThat(documents())
        .extracting(Document::getId)
        .containsExactly("train2017/1.png", "val2017/2.png");
    assertThat(documents())
        .allSatisfy(document -> {
          Box box = document.getImage().getBoxes(0);
          assertThat(box.getLabel()).isEqualTo("cat");
          assertThat(box.getWidth()).isEqualTo(20);
        });
  }

  @Test
  void aFolderMayBeAClass() {
    assertThat(append(new Zip().file("set/cat/1.png", PNG).file("set/cat/2.png", PNG))).isEmpty();
    assertThat(documents()).extracting(Document::getLabel).containsExactly("cat", "cat");
    assertThatThrownBy(
            () -> append(new Zip().file("set/cat/1.png", PNG).file("set/dog/2.png", PNG)))
        .hasMessage(
            "file 'set/dog/2.png' lies in no folder of a class, though 1 others do;"
                + " the classes are cat");
    assertThat(documents()).hasSize(2);
  }

  @Test
  void readsPascalVocPackedOnMacOs() {
    Zip zip =
        new Zip()
            .file("set/JPEGImages/2.png", PNG)
            .file(
                "set/Annotations/2.xml",
                """
                <annotation><filename>2.png</filename>
                <size><width>64</width><height>64</height><depth>3</depth></size>
                <object><name>cat</name><bndbox><xmin>5</xmin><ymin>5</ymin><xmax>24</xmax><ymax>34</ymax></bndbox></object>
                </annotation>
                """);
    zip.file("__MACOSX/", "").file("__MACOSX/set/", "");
    IntStream.range(0, 12).forEach(i -> zip.file("__MACOSX/set/._" + i + ".xml", "\0\5"));

    assertThat(append(zip))
        .hasSize(11)
        .contains("__MACOSX/set/._0.xml is left out: a file of the system")
        .endsWith("and 2 more files of the system");
    assertThat(documents()).hasSize(1);
    assertThat(documents().getFirst().getImage().getBoxes(0).getHeight()).isEqualTo(30);
  }

  @Test
  void readsYolo() {
    Zip zip =
        new Zip()
            .file("set/images/train/a.png", PNG)
            .file("set/images/train/b.png", PNG)
            .file("set/labels/train/a.txt", "0 0.5 0.25 0.25 0.5\n")
            .file("set/data.yaml", "names: [cat]\n");

    assertThat(append(zip)).isEmpty();
    assertThat(documents())
        .extracting(Document::getId)
        .containsExactly("set/images/train/a.png", "set/images/train/b.png");
    Box box = documents().getFirst().getImage().getBoxes(0);
    assertThat(box.getLabel()).isEqualTo("cat");
    assertThat(box.getX()).isEqualTo(24);
    assertThat(box.getHeight()).isEqualTo(32);
    assertThat(documents().getLast().getImage().getBoxesCount()).isZero();
  }

  @Test
  void takesPicturesWithoutAnnotationsForBackground() {
    Zip zip =
        new Zip()
            .file("a.png", PNG)
            .file("b/c.PNG", PNG)
            .file("broken.jpg", "GIF89a")
            .file("labels.txt", "0 0.5 0.5 1 1")
            .file("more.txt", "0 0.5 0.5 1 1");

    assertThat(append(zip))
        .containsExactly(
            "labels.txt and 1 more are left out: no annotation",
            "broken.jpg is left out: the picture: neither a PNG nor a JPEG; convert the picture to"
                + " one of them",
            "the archive holds no annotations of COCO, Pascal VOC or YOLO: nothing is in its 2 pictures");
    assertThat(documents()).extracting(Document::getId).containsExactly("a.png", "b/c.PNG");
    assertThat(documents()).allMatch(document -> document.getImage().getBoxesCount() == 0);
  }

  @Test
  void refusesWhatHoldsNoPicture() {
    assertRefused(new Zip().file("a.txt", "text"), "the archive holds no picture that can be used");
    assertRefused(
        new Zip().file("a.png", "text"), "the archive holds no picture that can be used: a.png is");
    assertRefused(
        new Zip().file("a.png", PNG).file("package.json", "{}"),
        "the archive has JSON files, but none with COCO's images and annotations");
    assertRefused(
        new Zip().file("a.png", PNG).file("b.png", PNG).file("c.json", coco("a.png")),
        "file 'b.png' has no annotation; list it without boxes if there is nothing in it");
  }

  /** In one form of letters with marks, two names may be one. */
  @Test
  void refusesANameThatComesTwice() {
    assertRefused(
        new Zip().file("\u00e4.png", PNG).file("a\u0308.png", PNG),
        "file '\u00e4.png': its name comes twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../a.png", "x/../../a.png", "/tmp/a.png", "C:a.png", "x\\a.png"})
  void refusesNamesThatLeadOutOfTheArchive(String name) {
    assertRefused(
        new Zip().file("first.png", PNG).file(name, PNG),
        "the archive holds '%s', a name that leads out of it".formatted(name));
  }

  @Test
  void readsNoMoreThanTheLimits() {
    byte[] large = new byte[(16 << 10) + 1];
    assertThatThrownBy(() -> append(new Zip().file("a.png", large)))
        .hasMessage("file 'a.png' has more bytes than the limit of 16384")
        .extracting(e -> ((MillraceException) e).code())
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    Zip much = new Zip();
    IntStream.range(0, 5).forEach(i -> much.file(i + ".png", new byte[16 << 10]));
    assertThatThrownBy(() -> append(much))
        .hasMessage("unpacked it has more than 65536 bytes; send it in parts")
        .extracting(e -> ((MillraceException) e).code())
        .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    // What is left out counts too, for it has to be unpacked.
    assertThatThrownBy(() -> append(new Zip().file("a.bin", new byte[65537])))
        .hasMessageContaining("unpacked it has more than 65536 bytes");
    assertThat(kafka.history()).isEmpty();
  }

  @Test
  void takesNothingOfAnArchiveThatIsCutOff() {
    byte[] zip = new Zip().file("a.png", PNG).file("b.png", PNG).bytes();
    for (int length = 1; length < zip.length; length += 7) {
      byte[] cut = Arrays.copyOf(zip, length);
      assertThatThrownBy(() -> append(cut))
          .as("%d of %d bytes", length, zip.length)
          .isInstanceOf(MillraceException.class);
    }
    assertThat(kafka.history()).isEmpty();
  }

  private void assertRefused(Zip zip, String message) {
    assertThatThrownBy(() -> append(zip))
        .isInstanceOf(MillraceException.class)
        .hasMessageStartingWith(message);
    assertThat(kafka.history()).isEmpty();
  }

  private List<String> append(Zip zip) {
    return append(zip.bytes());
  }

  private List<String> append(byte[] zip) {
    try {
      return archives.append(new ByteArrayInputStream(zip), upload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Document> documents() {
    return kafka.history().stream()
        .map(record -> {
          try {
            return Document.parseFrom(record.value());
          } catch (InvalidProtocolBufferException e) {
            throw new UncheckedIOException(e);
          }
        })
        .toList();
  }

  private static Set<Path> temporaryFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("millrace-upload"))
          .collect(Collectors.toSet());
    }
  }

  private static String coco(String file) {
    return """
    {"images": [{"id": 1, "file_name": "%s", "width": 64, "height": 64}],
     "categories": [{"id": 1, "name": "cat"}],
     "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 4, 20, 30]}]}
    """
        .formatted(file);
  }

  private static byte[] png() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB), "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static final class Zip {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ZipOutputStream zip = new ZipOutputStream(out);

    Zip file(String name, String content) {
      return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    Zip file(String name, byte[] content) {
      try {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return this;
    }

    byte[] bytes() {
      try {
        zip.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return out.toByteArray();
    }
  }
}
