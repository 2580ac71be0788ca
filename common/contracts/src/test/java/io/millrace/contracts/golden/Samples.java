package io.millrace.contracts.golden;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Messages with a value in every field, the same each time. */
final class Samples {
  private static final int DEPTH = 2;

  private Samples() {}

  /** How many it takes so that each field of each choice is set in one. */
  static int variants(Descriptor type) {
    return type.getRealOneofs().stream().mapToInt(choice -> choice.getFieldCount()).max().orElse(1);
  }

  /** One of them. */
  static DynamicMessage of(Descriptor type, int variant) {
    return of(type, variant, DEPTH);
  }

  private static DynamicMessage of(Descriptor type, int variant, int depth) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      boolean chosen =
          field.getRealContainingOneof() == null
              || field.getRealContainingOneof().getFields().indexOf(field)
                  == variant % field.getRealContainingOneof().getFieldCount();
      boolean deep = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth == 0;
      if (!chosen || deep) {
        continue;
      }
      if (field.isRepeated()) {
        message.addRepeatedField(field, value(field, depth, 1));
        if (!field.isMapField()) {
          message.addRepeatedField(field, value(field, depth, 2));
        }
      } else {
        message.setField(field, value(field, depth, 1));
      }
    }
    return message.build();
  }

  private static Object value(FieldDescriptor field, int depth, int salt) {
    int number = field.getNumber() * 10 + salt;
    return switch (field.getJavaType()) {
      case INT -> number;
      case LONG -> (long) number << 33;
      case FLOAT -> number + 0.5f;
      case DOUBLE -> number + 0.25;
      case BOOLEAN -> true;
      case STRING -> field.getName() + " " + salt;
      case BYTE_STRING -> ByteString.copyFrom(field.getName(), StandardCharsets.UTF_8);
      case ENUM -> last(field.getEnumType().getValues());
      case MESSAGE -> nested(field.getMessageType(), depth);
    };
  }

  private static Message nested(Descriptor type, int depth) {
    return of(type, 0, depth - 1);
  }

  private static EnumValueDescriptor last(List<EnumValueDescriptor> values) {
    return values.getLast();
  }
}
