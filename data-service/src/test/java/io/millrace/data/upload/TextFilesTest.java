package io.millrace.data.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.DataProperties;
import io.millrace.data.document.DocumentRules;
import io.millrace.data.document.DocumentText;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/** Files of text, by the endings of their names. */
class TextFilesTest {
  private static final UploadOptions NONE = UploadOptions.of(null, null, null, null);

  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Upload upload = upload(new Content.Text(64, null));
  private final TextFiles files =
      new TextFiles(
          new Binder(new MapConfigurationPropertySource(Map.of("millrace.data.unpacked", "64KB")))
              .bindOrCreate("millrace.data", DataProperties.class));

  @Test
  void readsWhatIsPacked() {
    append("a.jsonl.gz", gzip("{\"text\":\"one\"}\n{\"text\":\"two\"}\n"), NONE);
    append("b.txt.zst", Zstd.compress(bytes("three")), NONE);
    append("c.tsv.gz", gzip("id\ttext\nx\tfour\n"), NONE);
    assertThat(texts()).containsExactly("one", "two", "three", "four");
    assertThat(documents().get(2).getId()).isEqualTo("b.txt");
    assertThat(documents().get(3).getId()).isEqualTo("x");
  }

  @Test
  void readsOneObjectOrAnArrayOfThem() {
    json("{\"id\": \"a\", \"text\": \"one\"}");
    json(" [{\"text\": \"two\"},\n {\"question\": \"why?\", \"answer\": \"so\"}] ");
    assertThat(texts()).containsExactly("one", "two", "why?\nso");
    assertThat(documents().getFirst().getId()).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | 0 | the upload is empty: it holds no document",
        "`` | 0 | the upload is empty: it holds no document",
        "7 | 0 | expected an object or an array of objects",
        "[{\"text\":\"a\"},7] | 1 | documents[1]: expected an object or an array of objects",
        "[{\"text\":\"a\"},{\"text\":\"\"}] | 1 | documents[1]: the text is empty",
        "[{\"text\":\"a\"},{\"url\":\"\"}] | 1 | documents[1]: field 'text' is missing",
        "{\"text\":\"a\",\"url\":\"b\"} | 0 | unknown field 'url'; known are id, text",
        "[{\"text\":\"a\"} | 1 | documents[1]: not JSON: ",
        "[{\"text\":\"a\"}] 8 | 1 | documents[1]: there is more behind its end; send an object a line",
        "{\"text\":\"a\"} {\"text\":\"b\"} | 0 | there is more behind its end; send an object a line",
        "{\"text\":\"a\" | 0 | not JSON: ",
      })
  void saysWhatIsWrongWithJson(String body, int before, String reason) {
    assertThatThrownBy(() -> json(body)).hasMessageStartingWith(reason);
    assertThat(kafka.history()).hasSize(before);
  }

  @Test
  void readsTables() {
    append("a.csv", bytes("n,body\n7,\"one, \"\"quoted\"\"\nline\"\n8,two\n"), table("body", "n"));
    append("b.csv", bytes("question,answer\nwhy?,so\n"), NONE);
    assertThat(texts()).containsExactly("one, \"quoted\"\nline", "two", "why?\nso");
    assertThat(documents().getFirst().getId()).isEqualTo("7");
    assertThat(documents().getLast().hasChat()).isTrue();
  }

  @Test
  void tellsFromWhereATableIsNoText() {
    byte[] table = "a,b\n1,2\n3,?\n".getBytes(StandardCharsets.UTF_8);
    table[10] = (byte) 0xff;
    assertThatThrownBy(() -> append("t.csv", table, table("a", null)))
        .hasMessageStartingWith("file 't.csv': the table cannot be read from line ")
        .hasMessageContaining("Invalid UTF-8 start byte 0xff")
        .hasMessageNotContaining("-1");
  }

  /** Beside a named column everything is somebody else's, even a column called text. */
  @Test
  void takesNoOtherColumnForTheNamedOne() {
    append("a.csv", bytes("text,body,id\nwrong,right,9\n"), table("body", "text"));
    assertThat(texts()).containsExactly("right");
    assertThat(documents().getFirst().getId()).isEqualTo("wrong");
    append("b.csv", bytes("text,body\nkept,right\n"), UploadOptions.of("keep", "body", null, null));
    assertThat(documents().getLast().getMetadata()).isEqualTo("{\"column text\":\"kept\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,b;1,2; | | say which column holds the texts, e.g. column=a; there are a, b",
        "a,b;1,2; | c | column is 'c'; the table has a, b",
        "a,a;1,2; | a | the table names the column 'a' twice",
        "a,b;1; | a | row 1 (line 2): it has 1 values, the first row names 2 columns",
        "a,b;1,2,3; | a | row 1 (line 2): it has 3 values",
        "a,b;1,2; ,3; | a | row 2 (line 3): the text is empty",
        "text,url;a,b; | | row 1 (line 2): unknown field 'url'; known are id, text",
        "a; | a | the upload is empty",
        "a,b;1,2;3,\"4; | a | row 2, from line 3 on, is no row of a table: Missing closing quote for value (line 4, column 1)",
        "a,b;1,2;;3,\"4\"x;5,6 | a | row 2, from line 4 on, is no row of a table: Unexpected character ('x' (code 120))",
        "a,\"b;1,2 | a | the first row, from line 1 on, is no row of a table: Missing closing quote for value (line 2,",
      })
  void saysWhatIsWrongWithATable(String rows, String column, String reason) {
    assertThatThrownBy(() -> append("t.csv", bytes(rows.replace(';', '\n')), table(column, null)))
        .hasMessageStartingWith("file 't.csv': " + reason);
  }

  @Test
  void readsArchivesButForTheirSystemFiles() {
    byte[] zip =
        zip(
            "books/", "",
            "books/one.txt", "one",
            "__MACOSX/books/._one.txt", "\0\0",
            "books/.DS_Store", "\0",
            "two.jsonl", "{\"text\":\"two\"}");
    assertThat(append("all.zip", zip, NONE))
        .containsExactly(
            "__MACOSX/books/._one.txt is left out: a file of the system",
            "books/.DS_Store is left out: a file of the system");
    assertThat(texts()).containsExactly("one", "two");
    assertThat(documents().getFirst().getId()).isEqualTo("books/one.txt");
  }

  @ParameterizedTest
  @CsvSource({"../one.txt", "a/../../one.txt", "/etc/one.txt", "C:one.txt", "a\\one.txt"})
  void refusesNamesThatLeadOutOfAnArchive(String name) {
    assertThatThrownBy(() -> append("all.zip", zip(name, "one"), NONE))
        .hasMessage(
            "file 'all.zip': the archive holds '%s', a name that leads out of it".formatted(name));
  }

  /** Wherever it is cut, between two files and inside of a header too. */
  @Test
  void noticesThatAnArchiveIsCutOff() {
    byte[] zip = zip("one.txt", "one", "two.txt", "two", "three.txt", "three");
    for (int length = 1; length < zip.length; length++) {
      byte[] cut = Arrays.copyOf(zip, length);
      assertThatThrownBy(() -> append("all.zip", cut, NONE))
          .as("%d of %d bytes", length, zip.length)
          .isInstanceOf(MillraceException.class);
    }
    append("all.zip", zip, NONE);
  }

  @Test
  void unpacksNoMoreThanTheLimit() {
    String much = "x".repeat(1 << 17);
    List<byte[]> bombs =
        List.of(
            gzip(much),
            Zstd.compress(bytes(much)),
            zip("a.txt", much),
            zip("__MACOSX/left-out", much),
            zip("directory/", much));
    List<String> names = List.of("a.txt.gz", "a.txt.zst", "a.zip", "b.zip", "c.zip");
    for (int i = 0; i < bombs.size(); i++) {
      String name = names.get(i);
      byte[] bomb = bombs.get(i);
      assertThatThrownBy(() -> append(name, bomb, NONE))
          .hasMessageContaining("unpacked it has more than 65536 bytes")
          .extracting(e -> ((MillraceException) e).code())
          .isEqualTo(ErrorCode.PAYLOAD_TOO_LARGE);
    }
    assertThat(kafka.history()).isEmpty();
  }

  @Test
  void saysThatWhatIsDamagedCannotBeUnpacked() {
    byte[] gzip = gzip("some text that is long enough to be cut");
    byte[] zstd = Zstd.compress(bytes("some text that is long enough to be cut"));
    damaged("a.txt.gz", Arrays.copyOf(gzip, gzip.length - 12));
    damaged("a.txt.gz", bytes("no gzip at all"));
    damaged("a.txt.zst", Arrays.copyOf(zstd, zstd.length - 3));
    damaged("a.txt.zst", bytes("no zstd at all"));
    assertThatThrownBy(() -> append("a.zip", bytes("no archive"), NONE))
        .hasMessage("file 'a.zip': it is no zip archive, or an empty one");
    assertThatThrownBy(() -> append("a.zip", zip("b.zip", "PK"), NONE))
        .hasMessageContaining("file 'b.zip': an archive in an archive");
    assertThatThrownBy(
            () -> Unpacked.body(new ByteArrayInputStream(gzip), "br", DataSize.ofKilobytes(1)))
        .hasMessage("content encoding 'br' is not read; send gzip, zstd or none");
  }

  @Test
  void aTableOfADatasetWithClassesHasThemInAColumn() {
    Upload labelled = upload(new Content.Text(64, null, List.of("good", "bad")));
    UploadOptions options = UploadOptions.of(null, "body", null, "mood");
    append("a.csv", bytes("label,body,mood\nx,fine,good\ny,\"so\nso\",bad\n"), options, labelled);
    assertThat(documents()).extracting(Document::getLabel).containsExactly("good", "bad");
    assertThat(texts()).containsExactly("fine", "so\nso");

    UploadOptions body = UploadOptions.of(null, "body", null, null);
    assertThatThrownBy(() -> append("a.csv", bytes("body,mood\na,good\n"), body, labelled))
        .hasMessageContaining(
            "say which column holds the labels, e.g. label_column=mood; there are body, mood");
    assertThatThrownBy(() -> append("a.csv", bytes("body,mood\na,good\n"), options, upload))
        .hasMessageContaining("label_column is for a dataset with classes");
    String partly = "body,mood\n\"a\n\nb\",good\n\"say \"\"no\"\"\",\n";
    assertThatThrownBy(() -> append("a.csv", bytes(partly), options, labelled))
        .hasMessageContaining("row 2 (line 5): the label is missing; it must be one of good, bad");
  }

  @Test
  void filesOfAnArchiveHaveTheClassOfTheirFolder() {
    Upload labelled = upload(new Content.Text(64, null, List.of("neg", "pos")));
    append("a.zip", zip("train/pos/1.txt", "fine"), NONE, labelled);
    assertThat(documents()).extracting(Document::getLabel).containsExactly("pos");
    assertThatThrownBy(() -> append("a.zip", zip("train/1.txt", "fine"), NONE, labelled))
        .hasMessageContaining("the label 'train' is not a class of the dataset");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "",
      value = {
        "age;height;label | 1;; a | row 1 (line 2): column 'height' is empty; it must be a number",
        "age;height;label | NaN;2;a | row 1 (line 2): column 'age' is 'NaN'; it must be a number",
        "age;height;label | 1;1.5e39;a | row 1 (line 2): column 'height' is Infinity; it must be a number that float32 holds",
        "age;height;label | 1;2;c | row 1 (line 2): the label 'c' is not a class of the dataset; there are a, b",
        "age;height;label | 1;2 | row 1 (line 2): it has 2 values, the first row names 3 columns",
        "age;label | 1;a | the table has no column 'height', which the dataset has; it has age, label",
        "age;height;x;label | 1;2;3;a | row 1 (line 2): unknown field 'x'; known are age, height, id, label",
        "age;height | 1;2 | say which column holds the labels, e.g. label_column=height; there are age, height",
      })
  void tablesOfNumbersNameRowLineAndColumn(String header, String row, String reason) {
    Upload rows = upload(new Content.Rows(List.of("age", "height"), List.of("a", "b")));
    String table = (header + "\n" + row + "\n").replace(';', ',');
    assertThatThrownBy(() -> append("t.csv", bytes(table), NONE, rows))
        .hasMessageContaining(reason);
  }

  @Test
  void readsTablesOfNumbers() {
    Upload rows = upload(new Content.Rows(List.of("age", "height"), List.of("a", "b")));
    append(
        "t.tsv",
        bytes("kind\theight\tage\n b\t 1.5\t-2e3\n".replace(" b", "b")),
        UploadOptions.of(null, null, null, "kind"),
        rows);
    assertThat(documents()).extracting(Document::getLabel).containsExactly("b");
    assertThat(documents().getFirst().getRow().getCellsList())
        .extracting(cell -> cell.getColumn() + "=" + cell.getNumber())
        .containsExactly("age=-2000.0", "height=1.5");
  }

  private Upload upload(Content content) {
    return new Upload(
        kafka,
        new DocumentRules(content, 1 << 20),
        document -> new ProducerRecord<>("documents", document.toByteArray()),
        null,
        e -> String.valueOf(e.getMessage()));
  }

  private void damaged(String name, byte[] content) {
    assertThatThrownBy(() -> append(name, content, NONE))
        .isInstanceOf(MillraceException.class)
        .hasMessageContaining("cannot be unpacked");
  }

  private static UploadOptions table(@Nullable String column, @Nullable String idColumn) {
    return UploadOptions.of(null, column, idColumn, null);
  }

  private List<String> append(String name, byte[] content, UploadOptions options) {
    return append(name, content, options, upload);
  }

  private List<String> append(String name, byte[] content, UploadOptions options, Upload to) {
    try {
      return files.append(name, new ByteArrayInputStream(content), options, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void json(String body) {
    try {
      assertThat(files.json(new ByteArrayInputStream(bytes(body)), NONE, upload)).isEmpty();
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

  private List<String> texts() {
    return documents().stream().map(DocumentText::of).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** An archive of names and contents in turn. */
  private static byte[] zip(String... files) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < files.length; i += 2) {
        zip.putNextEntry(new ZipEntry(files[i]));
        zip.write(bytes(files[i + 1]));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
