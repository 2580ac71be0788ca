package io.millrace.platform.web;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a protobuf message weighs in memory once it is parsed. It may be many times larger than its
 * bytes: an empty message within a list is two bytes long and an object.
 */
final class MessageWeight {
  /** An object with its fields. */
  private static final int MESSAGE = 192;

  /** A text or bytes beside what they hold, or a number within a list. */
  private static final int VALUE = 48;

  /** Kept in a map of its own. */
  private static final int UNKNOWN = 256;

  /** Bytes of memory for a byte of a text or of bytes. */
  private static final int BYTE = 3;

  /** Bytes of memory for a byte of packed numbers, whose list grows by halves. */
  private static final int PACKED = 12;

  private static final int DEEPEST = 100;

  private MessageWeight() {}

  /**
   * Bytes in memory that a message comes to.
   *
   * @param type of the message; null if it is passed on as bytes
   */
  static long of(byte[] message, @Nullable Descriptor type) {
    if (type == null) {
      return 2L * message.length;
    }
    try {
      return message.length + scan(CodedInputStream.newInstance(message), type, 0);
    } catch (IOException e) {
      return (long) BYTE * message.length; // Not a message: whoever parses it says so.
    }
  }

  private static long scan(CodedInputStream in, Descriptor type, int depth) throws IOException {
    long weight = MESSAGE;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      if (field == null) {
        weight += UNKNOWN;
      }
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        in.skipField(tag);
        weight += VALUE;
        continue;
      }
      int length = in.readRawVarint32();
      if (field != null && field.getJavaType() == JavaType.MESSAGE && depth < DEEPEST) {
        int end = in.pushLimit(length);
        weight += scan(in, field.getMessageType(), depth + 1);
        in.popLimit(end);
      } else {
        in.skipRawBytes(length);
        weight += VALUE + (long) (isPacked(field) ? PACKED : BYTE) * length;
      }
    }
    return weight;
  }

  private static boolean isPacked(@Nullable FieldDescriptor field) {
    return field != null && field.isPackable();
  }
}
