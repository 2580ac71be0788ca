package io.millrace.inference.embed;

/** A text of a request. */
public sealed interface TextInput {

  /** Where it is in the request, for errors. */
  String field();

  /** As people write it. */
  record Written(String field, String text) implements TextInput {}

  /** As tokens. */
  @SuppressWarnings("ArrayRecordComponent") // is never compared
  record Tokens(String field, int[] ids) implements TextInput {}
}
