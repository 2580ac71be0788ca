package io.millrace.data.document;

import io.millrace.input.WellFormedText;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** What text is: valid UTF-8 without NUL characters. Anything else would be changed on its way. */
public final class TextRules {

  private TextRules() {}

  /** Text, or why it is none. */
  public sealed interface Decoded {}

  /** Valid text. */
  public record Text(String text) implements Decoded {}

  /** The reason, with the position in bytes. */
  public record Fault(String reason) implements Decoded {}

  /** Decodes UTF-8 strictly. A byte order mark at the beginning is taken off. */
  public static Decoded decode(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      return new Fault(
          "not UTF-8 text: byte 0x%02x at position %d"
              .formatted(bytes[in.position()] & 0xff, in.position()));
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        return new Fault("not text but binary data: a NUL byte at position " + i);
      }
    }
    String text = out.flip().toString();
    return new Text(text.startsWith("\uFEFF") ? text.substring(1) : text);
  }

  /** Why a string is not text, e.g. one that JSON escapes made; empty if it is. */
  public static String faultOf(String text) {
    return WellFormedText.faultOf(text);
  }
}
