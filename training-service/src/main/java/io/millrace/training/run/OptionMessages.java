package io.millrace.training.run;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import io.millrace.contracts.training.v1.CreateRunRequest;
import io.millrace.platform.error.MillraceException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A task's options in protobuf: a message in the oneof {@code options}, in the field that has the
 * task's name, with fields that have the options' names. Deprecated fields of the request are
 * options from before there were such messages.
 */
final class OptionMessages {
  private static final Descriptor REQUEST = CreateRunRequest.getDescriptor();
  private static final OneofDescriptor OPTIONS =
      REQUEST.getOneofs().stream()
          .filter(oneof -> oneof.getName().equals("options"))
          .findFirst()
          .orElseThrow();

  private OptionMessages() {}

  /**
   * What a client asks for, by name.
   *
   * @throws MillraceException INVALID_ARGUMENT if the message is of another task, or an option is
   *     there twice with different values
   */
  static Map<String, Object> read(CreateRunRequest request) {
    Map<String, Object> options = new LinkedHashMap<>();
    FieldDescriptor chosen = request.getOneofFieldDescriptor(OPTIONS);
    if (chosen != null) {
      if (!chosen.getName().equals(request.getTask())) {
        throw MillraceException.invalid(
            chosen.getName(),
            "a run of task '%s' takes no options of task %s"
                .formatted(request.getTask(), chosen.getName()));
      }
      ((Message) request.getField(chosen))
          .getAllFields()
          .forEach((field, value) -> options.put(field.getName(), plain(field, value)));
    }
    request
        .getAllFields()
        .forEach((field, value) -> {
          if (field.getOptions().getDeprecated()) {
            Object plain = plain(field, value);
            Object before = options.put(field.getName(), plain);
            if (before != null && !before.equals(plain)) {
              throw MillraceException.invalid(
                  field.getName(),
                  "%s is there twice: %s and %s".formatted(field.getName(), before, plain));
            }
          }
        });
    return options;
  }

  /** Puts a run's options into the message of its task, and where clients read them before. */
  static void write(RunRequest request, CreateRunRequest.Builder message) {
    FieldDescriptor task =
        OPTIONS.getFields().stream()
            .filter(field -> field.getName().equals(request.task()))
            .findFirst()
            .orElse(null);
    if (task != null) {
      Message.Builder options = message.newBuilderForField(task);
      request.options().forEach((name, value) -> set(options, name, value));
      message.setField(task, options.build());
    }
    for (FieldDescriptor field : REQUEST.getFields()) {
      Object value = request.options().get(field.getName());
      if (field.getOptions().getDeprecated() && value != null) {
        message.setField(field, of(field, value));
      }
    }
  }

  private static void set(Message.Builder message, String name, Object value) {
    FieldDescriptor field =
        Objects.requireNonNull(
            message.getDescriptorForType().findFieldByName(name),
            () -> message.getDescriptorForType().getFullName() + " has no field " + name);
    message.setField(field, of(field, value));
  }

  private static Object plain(FieldDescriptor field, Object value) {
    return field.getType() == FieldDescriptor.Type.UINT32
        ? (Object) Integer.toUnsignedLong((Integer) value)
        : value;
  }

  private static Object of(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case INT -> ((Number) value).intValue();
      case LONG -> ((Number) value).longValue();
      case DOUBLE -> ((Number) value).doubleValue();
      case FLOAT -> ((Number) value).floatValue();
      case BOOLEAN, STRING -> value;
      case BYTE_STRING, ENUM, MESSAGE ->
          throw new IllegalStateException(field.getFullName() + " is no type of an option");
    };
  }
}
