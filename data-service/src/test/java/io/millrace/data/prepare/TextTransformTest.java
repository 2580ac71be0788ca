package io.millrace.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.contracts.data.v1.Chat;
import io.millrace.contracts.data.v1.ChatTurn;
import io.millrace.contracts.data.v1.Continuation;
import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.language.tokenize.BpeTrainer;
import io.millrace.language.tokenize.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What of a document is learned: all of a text, the answers of a conversation. */
class TextTransformTest {
  private static final Tokenizer TOKENIZER =
      new BpeTrainer(280, (done, of) -> {}).train(List.of("a question and an answer"));

  private final TextTransform transform = new TextTransform("chats", TOKENIZER, 64, List.of());

  @Test
  void textsAreLearnedWhole() throws Exception {
    PackedSequence sequence = only(Document.newBuilder().setText("a question").build());
    assertThat(sequence.getLossMask()).isEmpty();
    assertThat(learned(sequence)).isEqualTo("a question<|endoftext|>");
  }

  @Test
  void everyPieceHasTheLabelOfItsDocument() throws Exception {
    TextTransform labelled = new TextTransform("chats", TOKENIZER, 16, List.of("sad", "glad"));
    List<TokenizedDocument> documents =
        List.of(
            labelled.prepare(
                Document.newBuilder()
                    .setId("long")
                    .setText("a question and ".repeat(9))
                    .setLabel("glad")
                    .build()),
            labelled.prepare(
                Document.newBuilder().setId("short").setText("a").setLabel("sad").build()));
    List<PackedSequence> sequences = labelled.records(documents, 0);
    assertThat(sequences)
        .allSatisfy(sequence ->
            assertThat(PackedSequences.labels(PackedSequences.parse(sequence.toByteArray())))
                .hasSize(sequence.getDocumentStartsCount() - 1));
    assertThat(sequences.stream().flatMap(one -> one.getDocumentIdsList().stream()))
        .contains("long", "long")
        .containsOnlyOnce("short");
    assertThat(sequences.stream().flatMap(one -> one.getLabelsList().stream()))
        .contains(1, 1)
        .containsOnlyOnce(0);
    assertThat(only(Document.newBuilder().setText("a question").build()).getLabelsList()).isEmpty();
  }

  @Test
  void answersAreLearnedAndWhereTheyEnd() throws Exception {
    PackedSequence sequence =
        only(
            chat(
                "system",
                "be brief",
                "user",
                "why?",
                "assistant",
                "so",
                "user",
                "and?",
                "assistant",
                "no"));
    assertThat(TOKENIZER.decode(PackedSequences.tokenIds(sequence)))
        .isEqualTo(
            "<|system|>be brief<|user|>why?<|assistant|>so<|user|>and?<|assistant|>no<|endoftext|>");
    assertThat(learned(sequence)).isEqualTo("so<|user|>no<|endoftext|>");
  }

  @Test
  void aConversationThatEndsWithAQuestionTeachesNoEnd() throws Exception {
    PackedSequence sequence = only(chat("user", "why?", "assistant", "so", "user", "and?"));
    assertThat(learned(sequence)).isEqualTo("so<|user|>");
  }

  @Test
  void completionsAreLearnedWithoutTheirPrompts() throws Exception {
    PackedSequence sequence =
        only(
            Document.newBuilder()
                .setContinuation(
                    Continuation.newBuilder().setPrompt("a question ").setCompletion("an answer"))
                .build());
    assertThat(learned(sequence)).isEqualTo("an answer<|endoftext|>");
  }

  @Test
  void marksStayWithTheirTokensInAPack() throws Exception {
    List<TokenizedDocument> documents =
        List.of(
            transform.prepare(chat("user", "why?", "assistant", "so")),
            transform.prepare(Document.newBuilder().setText("a question").build()),
            transform.prepare(chat("user", "and?", "assistant", "no")));
    List<PackedSequence> sequences = transform.records(documents, 0);
    assertThat(sequences).hasSize(1);
    PackedSequence parsed = PackedSequences.parse(sequences.getFirst().toByteArray());
    assertThat(learned(parsed)).isEqualTo("so<|endoftext|>a question<|endoftext|>no<|endoftext|>");
  }

  @Test
  void refusesWhatTeachesNothing() {
    rejected(chat("user", "why?"), "a conversation without an answer of the assistant");
    rejected(chat("user", "why?", "assistant", " "), "a conversation without an answer");
    rejected(chat("tool", "x", "assistant", "so"), "message 0 has the role 'tool'");
    rejected(chat("user", "\0", "assistant", "so"), "message 0 is not text: a NUL character");
    rejected(continuation("", "a"), "the prompt is empty; a text without one is sent as text");
    rejected(continuation("a", " "), "the completion is empty");
    rejected(
        chat("user", "why? ".repeat(40), "assistant", "so"),
        "tokens with what is given in it, sequences of the dataset hold 64 and only texts are cut");
  }

  @Test
  void refusesConversationsThatATokenizerHasNoRolesFor() {
    byte[] json =
        new String(TOKENIZER.toJson(), StandardCharsets.UTF_8)
            .replace("<|user|>", "<|tool|>")
            .getBytes(StandardCharsets.UTF_8);
    TextTransform other = new TextTransform("chats", Tokenizer.read(json), 64, List.of());
    assertThatThrownBy(() -> other.prepare(chat("user", "why?", "assistant", "so")))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessage(
            "a conversation, but the tokenizer has no <|user|>: its model could not be asked like that");
  }

  private void rejected(Document document, String reason) {
    assertThatThrownBy(() -> transform.prepare(document))
        .isInstanceOf(RejectedDocumentException.class)
        .hasMessageContaining(reason);
  }

  private PackedSequence only(Document document) throws RejectedDocumentException {
    List<PackedSequence> sequences = transform.records(List.of(transform.prepare(document)), 0);
    assertThat(sequences).hasSize(1);
    return PackedSequences.parse(sequences.getFirst().toByteArray());
  }

  private static String learned(PackedSequence sequence) {
    int[] ids = PackedSequences.tokenIds(sequence);
    return TOKENIZER.decode(
        IntStream.range(0, ids.length)
            .filter(i -> PackedSequences.isTarget(sequence, i))
            .map(i -> ids[i])
            .toArray());
  }

  private static Document chat(String... rolesAndTexts) {
    Chat.Builder chat = Chat.newBuilder();
    for (int i = 0; i < rolesAndTexts.length; i += 2) {
      chat.addTurns(ChatTurn.newBuilder().setRole(rolesAndTexts[i]).setText(rolesAndTexts[i + 1]));
    }
    return Document.newBuilder().setChat(chat).build();
  }

  private static Document continuation(String prompt, String completion) {
    return Document.newBuilder()
        .setContinuation(Continuation.newBuilder().setPrompt(prompt).setCompletion(completion))
        .build();
  }
}
