package io.millrace.language.chat;

import io.millrace.language.tokenize.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * How a conversation becomes tokens: each turn is its role's special token and its text, and the
 * assistant's token invites the answer. What people write never becomes a special token.
 *
 * <p>Training and serving use the same template. A model learns what the assistant says and where
 * it ends: the token behind an answer, which begins the next turn or, behind the last one, ends the
 * document and is put there by whoever makes a document of the conversation.
 *
 * @param tokenizer of the model
 */
public record ChatTemplate(Tokenizer tokenizer) {

  /** The template as Jinja text, for the {@code tokenizer_config.json} of an exported model. */
  public static final String JINJA =
      "{% for message in messages %}"
          + "{% if message['role'] not in ['system', 'user', 'assistant'] %}"
          + "{{ raise_exception('role must be system, user or assistant') }}{% endif %}"
          + "{{ '<|' + message['role'] + '|>' + message['content'] }}{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

  /** Whether the tokenizer has the tokens of all roles. */
  public boolean isComplete() {
    return Arrays.stream(Role.values()).allMatch(role -> id(role).isPresent());
  }

  /**
   * A whole conversation, to learn from: two segments a turn, its role's token and its text.
   *
   * @throws MissingRoleException if the tokenizer lacks the token of a role that speaks
   */
  public List<Segment> segments(List<Turn> turns) {
    List<Segment> segments = new ArrayList<>(2 * turns.size());
    boolean endsAnswer = false;
    for (Turn turn : turns) {
      segments.add(new Segment(turn.role(), new int[] {require(turn.role())}, endsAnswer));
      endsAnswer = turn.role() == Role.ASSISTANT;
      segments.add(new Segment(turn.role(), tokenizer.encode(turn.text()), endsAnswer));
    }
    return segments;
  }

  /**
   * The prompt of the answer to a conversation.
   *
   * @throws MissingRoleException if the tokenizer lacks the token of a role that speaks
   */
  public int[] prompt(List<Turn> turns) {
    IntStream.Builder ids = IntStream.builder();
    for (Segment segment : segments(turns)) {
      for (int id : segment.ids()) {
        ids.add(id);
      }
    }
    return ids.add(require(Role.ASSISTANT)).build().toArray();
  }

  /** Tokens that end an answer because they begin another turn. */
  public int[] endsOfAnswers() {
    return Arrays.stream(Role.values()).flatMapToInt(role -> id(role).stream()).toArray();
  }

  private int require(Role role) {
    return id(role).orElseThrow(() -> new MissingRoleException(role));
  }

  private OptionalInt id(Role role) {
    return tokenizer.added(role.token());
  }
}
