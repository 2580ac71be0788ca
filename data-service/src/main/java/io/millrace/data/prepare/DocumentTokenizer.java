package io.millrace.data.prepare;

import io.millrace.contracts.data.v1.Chat;
import io.millrace.contracts.data.v1.Continuation;
import io.millrace.contracts.data.v1.Document;
import io.millrace.data.document.ConversationRules;
import io.millrace.data.document.RejectedDocumentException;
import io.millrace.language.chat.ChatTemplate;
import io.millrace.language.chat.MissingRoleException;
import io.millrace.language.chat.Segment;
import io.millrace.language.chat.Turn;
import io.millrace.language.tokenize.Tokenizer;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Makes tokens of texts, conversations and continuations. What people write never becomes a special
 * token; the end-of-document token ends every document.
 */
final class DocumentTokenizer {
  private final Function<String, int[]> text;
  private final Function<List<Turn>, List<Segment>> chat;
  private final int endOfDocument;

  /**
   * A tokenizer of its own parts.
   *
   * @param text tokens of a text
   * @param chat tokens of a conversation by who says them
   * @param endOfDocument the token that ends every document
   */
  DocumentTokenizer(
      Function<String, int[]> text, Function<List<Turn>, List<Segment>> chat, int endOfDocument) {
    this.text = text;
    this.chat = chat;
    this.endOfDocument = endOfDocument;
  }

  /** With the tokens, the roles and the end of a dataset's tokenizer. */
  static DocumentTokenizer of(Tokenizer tokenizer) {
    return new DocumentTokenizer(
        tokenizer::encode, new ChatTemplate(tokenizer)::segments, tokenizer.endOfDocument());
  }

  /**
   * The tokens of a document.
   *
   * @throws RejectedDocumentException if it holds nothing that a language model can learn
   */
  TokenizedDocument tokenize(Document document) throws RejectedDocumentException {
    return switch (document.getContentCase()) {
      case TEXT -> plain(document.getId(), document.getText());
      case CHAT -> conversation(document.getId(), document.getChat());
      case CONTINUATION -> continuation(document.getId(), document.getContinuation());
      case IMAGE -> throw new RejectedDocumentException("an image in a dataset of texts");
      case ROW -> throw new RejectedDocumentException("a row in a dataset of texts");
      case CONTENT_NOT_SET -> throw new RejectedDocumentException("a document without content");
    };
  }

  private TokenizedDocument plain(String id, String content) throws RejectedDocumentException {
    if (content.isBlank()) {
      throw new RejectedDocumentException("the text is empty");
    }
    return new Builder(id).add(text.apply(content), true).end(true);
  }

  /** A conversation that ends with a question teaches nothing about where to end. */
  private TokenizedDocument conversation(String id, Chat content) throws RejectedDocumentException {
    refuse(ConversationRules.faultOf(content));
    Builder tokens = new Builder(id);
    boolean learned = false;
    try {
      for (Segment segment : chat.apply(ConversationRules.turns(content))) {
        tokens.add(segment.ids(), segment.learned());
        learned = segment.learned();
      }
    } catch (MissingRoleException e) {
      throw new RejectedDocumentException(
          "a conversation, but " + e.getMessage() + ": its model could not be asked like that", e);
    }
    return tokens.end(learned);
  }

  private TokenizedDocument continuation(String id, Continuation content)
      throws RejectedDocumentException {
    refuse(ConversationRules.faultOf(content));
    return new Builder(id)
        .add(text.apply(content.getPrompt()), false)
        .add(text.apply(content.getCompletion()), true)
        .end(true);
  }

  private static void refuse(String fault) throws RejectedDocumentException {
    if (!fault.isEmpty()) {
      throw new RejectedDocumentException(fault);
    }
  }

  /** Collects stretches of tokens. */
  private final class Builder {
    private final String id;
    private final IntStream.Builder ids = IntStream.builder();
    private final BitSet given = new BitSet();
    private int length;

    Builder(String id) {
      this.id = id;
    }

    Builder add(int[] stretch, boolean learned) {
      for (int id : stretch) {
        ids.add(id);
      }
      given.set(length, length + stretch.length, !learned);
      length += stretch.length;
      return this;
    }

    TokenizedDocument end(boolean learned) {
      add(new int[] {endOfDocument}, learned);
      return new TokenizedDocument(id, ids.build().toArray(), given, OptionalInt.empty());
    }
  }
}
