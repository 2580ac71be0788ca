package io.millrace.language.tokenize;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Turns a stream of tokens into text, holding back the bytes of a character until it is complete.
 *
 * <p>Not for use by several threads at once.
 */
public final class TextAssembler {

  private final Tokenizer tokenizer;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private ByteBuffer pending = ByteBuffer.allocate(0);

  /** An assembler at the beginning of a text. */
  public TextAssembler(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * The text that is complete with this token, maybe empty.
   *
   * @throws IllegalArgumentException if the id is not in the vocabulary
   */
  public String add(int id) {
    return decode(tokenizer.spelling(id), /* last= */ false);
  }

  /** What is left; an incomplete character becomes U+FFFD. */
  public String finish() {
    return decode(new byte[0], /* last= */ true);
  }

  private String decode(byte[] more, boolean last) {
    ByteBuffer input = ByteBuffer.allocate(pending.remaining() + more.length);
    input.put(pending).put(more).flip();
    CharBuffer output = CharBuffer.allocate(input.remaining() + 1);
    decoder.decode(input, output, last);
    if (last) {
      decoder.flush(output);
      decoder.reset();
    }
    pending = input;
    return output.flip().toString();
  }
}
