package io.millrace.language.chat;

/**
 * What somebody said.
 *
 * @param text may be empty; special tokens spelt in it stay ordinary text
 */
public record Turn(Role role, String text) {}
