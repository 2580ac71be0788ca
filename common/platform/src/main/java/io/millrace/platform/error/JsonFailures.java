package io.millrace.platform.error;

import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says which field of a JSON body is wrong, where, and what was expected. */
public final class JsonFailures {

  /** What Jackson tells programmers, who could let it read more than JSON. */
  private static final Pattern READER_SETTINGS =
      Pattern.compile(
          ": enable `[^`]*` to allow"
              + "| \\(not recognized as one since Feature '\\w+' not enabled for parser\\)"
              + "| \\(start marker at \\[[^\\]]*\\]\\)");

  private JsonFailures() {}

  static Failure of(HttpMessageNotReadableException unreadable) {
    JacksonException cause = Failures.find(JacksonException.class, unreadable);
    if (cause == null) {
      return new Failure(ErrorCode.INVALID_ARGUMENT, "the body is missing or cannot be read");
    }
    return of(cause);
  }

  /** An INVALID_ARGUMENT about JSON that a client wrote; names the field. */
  public static MillraceException invalid(JacksonException cause) {
    Failure failure = of(cause);
    return new MillraceException(failure.code(), failure.message(), failure.parameter(), cause);
  }

  private static Failure of(JacksonException cause) {
    return switch (cause) {
      case UnrecognizedPropertyException unknown -> unknown(unknown);
      case InvalidFormatException format ->
          new Failure(
              ErrorCode.INVALID_ARGUMENT,
              subject(format) + " is not " + type(format.getTargetType()) + where(format),
              path(format));
      case MismatchedInputException mismatch -> mismatched(mismatch);
      case StreamConstraintsException limit ->
          new Failure(
              ErrorCode.INVALID_ARGUMENT,
              "the JSON is beyond a limit: " + limit.getOriginalMessage());
      case InputCoercionException coercion ->
          new Failure(
              ErrorCode.INVALID_ARGUMENT,
              subject(coercion) + " is not " + type(coercion.getTargetType()) + where(coercion),
              path(coercion));
      case StreamReadException malformed ->
          new Failure(
              ErrorCode.INVALID_ARGUMENT,
              "the body is not JSON: "
                  + READER_SETTINGS.matcher(malformed.getOriginalMessage()).replaceAll("")
                  + where(malformed));
      default ->
          new Failure(
              ErrorCode.INVALID_ARGUMENT, "the body cannot be read: " + cause.getOriginalMessage());
    };
  }

  private static Failure unknown(UnrecognizedPropertyException unknown) {
    Collection<Object> known = unknown.getKnownPropertyIds();
    String names =
        known == null
            ? ""
            : "; known are "
                + known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    String path = path(unknown);
    return new Failure(
        ErrorCode.INVALID_ARGUMENT, "unknown field '" + path + "'" + where(unknown) + names, path);
  }

  private static Failure mismatched(MismatchedInputException mismatch) {
    return new Failure(
        ErrorCode.INVALID_ARGUMENT,
        subject(mismatch) + found(mismatch) + where(mismatch),
        path(mismatch));
  }

  /** What is there in place of what was expected. */
  private static String found(MismatchedInputException mismatch) {
    String type = type(mismatch.getTargetType());
    JsonToken token = mismatch.getCurrentToken();
    return switch (token == null ? JsonToken.NOT_AVAILABLE : token) {
      // A field that is not there is missed where its object ends.
      case NOT_AVAILABLE, END_OBJECT -> " is missing; it must be " + type;
      case START_OBJECT, PROPERTY_NAME -> " is an object, not " + type;
      case START_ARRAY, END_ARRAY -> " is a list, not " + type;
      case VALUE_STRING -> " is a string, not " + type;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> " is a number, not " + type;
      case VALUE_TRUE, VALUE_FALSE -> " is true or false, not " + type;
      case VALUE_NULL -> " is null, not " + type;
      case VALUE_EMBEDDED_OBJECT -> " is not " + type;
    };
  }

  private static String type(Class<?> type) {
    if (type == null) {
      return "of the right type";
    }
    if (type.isEnum()) {
      return "one of "
          + java.util.Arrays.stream(type.getEnumConstants())
              .map(String::valueOf)
              .collect(Collectors.joining(", "));
    }
    if (type == String.class || type == CharSequence.class) {
      return "a string";
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == double.class
        || type == float.class
        || type == Double.class
        || type == Float.class) {
      return "a number";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "a whole number in range";
    }
    if (Collection.class.isAssignableFrom(type) || type.isArray()) {
      return "a list";
    }
    return "an object";
  }

  private static String subject(JacksonException e) {
    String path = path(e);
    return path.isEmpty() ? "the body" : "field '" + path + "'";
  }

  private static String path(JacksonException e) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference reference : e.getPath()) {
      if (reference.getPropertyName() == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(reference.getPropertyName());
      }
    }
    return path.toString();
  }

  private static String where(JacksonException e) {
    TokenStreamLocation location = e.getLocation();
    return location == null || location.getLineNr() < 1
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }
}
