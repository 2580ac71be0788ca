package io.millrace.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCorpusTest {

  @TempDir Path directory;

  @Test
  void readsTheSourcesOfTheRunningJdk() {
    List<TextDocument> documents = DemoCorpus.ofJdk("java/util/function");
    assertThat(documents)
        .anySatisfy(document -> {
          assertThat(document.id()).isEqualTo("java.base/java/util/function/Function.java");
          assertThat(document.text()).contains("public interface Function<T, R>");
        });
  }

  @Test
  void namesAPackageThatIsNotThere() {
    assertThatThrownBy(() -> DemoCorpus.ofJdk("java/nonsense"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("java/nonsense");
  }

  @Test
  void cutsLongFilesAtLineEndsAndKeepsEveryCharacter() throws IOException {
    String text = "0123456789 and some more\n".repeat(30_000);
    List<TextDocument> documents = DemoCorpus.ofPath(write("long.txt", text)).documents();
    assertThat(documents).hasSizeGreaterThan(2);
    assertThat(documents.getFirst().text()).endsWith("\n");
    assertThat(documents.stream().map(TextDocument::text).collect(Collectors.joining()))
        .isEqualTo(text);
    assertThat(documents).extracting(TextDocument::id).doesNotHaveDuplicates();
  }

  @Test
  void neverTearsACharacterApart() throws IOException {
    String text = "\uD83D\uDE00".repeat(DemoCorpus.DOCUMENT_CHARACTERS);
    List<TextDocument> documents = DemoCorpus.ofPath(write("emoji.txt", text)).documents();
    assertThat(documents)
        .allSatisfy(d -> assertThat(Character.isLowSurrogate(d.text().charAt(0))).isFalse());
    assertThat(documents.stream().map(TextDocument::text).collect(Collectors.joining()))
        .isEqualTo(text);
  }

  @Test
  void readsJsonLinesInTheFormsOfUploads() throws IOException {
    Path file =
        write(
            "qa.jsonl",
            """
            {"text": "a"}

            {"question": "b?", "answer": "c"}
            {"id": 9, "prompt": "d ", "completion": "e", "source": "f"}
            """);
    DemoCorpus corpus = DemoCorpus.ofPath(file);
    assertThat(corpus.documents())
        .containsExactly(
            new TextDocument("qa.jsonl#1", "a"),
            new TextDocument("qa.jsonl#3", "b?\nc", Map.of("question", "b?", "answer", "c"), "b?"),
            new TextDocument(
                "qa.jsonl#4",
                "d e",
                Map.of("id", 9, "prompt", "d ", "completion", "e", "source", "f"),
                ""));
    assertThat(corpus.isChat()).isFalse();
    assertThat(corpus.documents().getLast().json().get("id")).isEqualTo("qa.jsonl#4");
  }

  @Test
  void asksInAConversationWhereAllDocumentsAreSome() throws IOException {
    Path file = write("qa.jsonl", "{\"question\": \"b?\", \"answer\": \"c\"}\n");
    assertThat(DemoCorpus.ofPath(file).isChat()).isTrue();
  }

  @Test
  void refusesWhatIsNotText() throws IOException {
    refused(write("empty.txt", ""), "is empty");
    refused(Files.write(directory.resolve("binary"), new byte[] {65, 0, 66}), "binary");
    refused(Files.write(directory.resolve("latin1"), new byte[] {65, (byte) 0xe4, 66}), "UTF-8");
    refused(write("broken.jsonl", "{\"text\": \"a\"}\n{oops\n"), "line 2: not JSON");
    refused(write("other.jsonl", "{\"txt\": \"a\"}\n"), "line 1: field 'text' is missing");
    refused(write("blank.jsonl", "{\"text\": \" \"}\n"), "line 1 holds no text");
    refused(write("picture.jsonl", "{\"image\": \"AAAA\", \"boxes\": []}\n"), "holds no text");
    refused(write("line.txt", "ok\n" + "x".repeat(DemoCorpus.LINE_BYTES + 1)), "line 2 is longer");
    refused(directory.resolve("missing"), "does not exist");
  }

  @Test
  void takesTheTextOfAProjectFolder() throws IOException {
    write(".git/objects.txt", "hidden");
    write(".editorconfig", "hidden");
    write("src/A.java", "class A {}");
    write("src/empty.java", "");
    Files.write(directory.resolve("src/logo.png"), new byte[] {65, 0, 66});
    write("README.md", "read me");
    DemoCorpus corpus = DemoCorpus.ofPath(directory);
    assertThat(corpus.documents())
        .extracting(TextDocument::id)
        .containsExactly("README.md", "src/A.java");
    assertThat(corpus.notes())
        .singleElement()
        .asString()
        .startsWith("2 files are left out: ")
        .contains("empty.java is empty", "logo.png is binary");
  }

  @Test
  void namesTheFirstFilesThatItLeavesOut() throws IOException {
    for (int i = 0; i < 10; i++) {
      write(i + ".txt", "");
    }
    assertThatThrownBy(() -> DemoCorpus.ofPath(directory))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("holds no text file; 10 files are left out")
        .hasMessageContaining("2.txt is empty; and 7 more");
  }

  @Test
  void refusesMoreThanTheMemoryHolds() throws IOException {
    try (RandomAccessFile sparse =
        new RandomAccessFile(directory.resolve("huge.txt").toFile(), "rw")) {
      sparse.setLength(129L << 20);
    }
    refused(directory.resolve("huge.txt"), "more than 128 MiB of text");
  }

  private static void refused(Path path, String reason) {
    assertThatThrownBy(() -> DemoCorpus.ofPath(path))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(String.valueOf(path.getFileName()))
        .hasMessageContaining(reason);
  }

  private Path write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }
}
