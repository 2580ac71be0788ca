package io.millrace.standalone.model;

import io.millrace.language.interchange.HuggingFaceFolder;
import io.millrace.language.model.Decoder;
import io.millrace.language.tokenize.InvalidTokenizerException;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.standalone.terminal.UserError;
import io.millrace.tensor.engine.TensorEngine;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A model folder of any kind, with reasons for people where it cannot be read. */
final class ModelSource {

  private ModelSource() {}

  /** The model of a folder. */
  static Decoder decoder(TensorEngine engine, Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new UserError(folder + " is not a model folder");
    }
    try {
      return HuggingFaceFolder.load(engine, folder);
    } catch (IOException e) {
      throw new UserError(reason(e), e);
    }
  }

  /** A tokenizer.json. */
  static Tokenizer tokenizer(Path file) {
    try {
      return Tokenizer.read(file);
    } catch (IOException e) {
      throw new UserError(reason(e), e);
    } catch (InvalidTokenizerException e) {
      throw new UserError(file + ": " + e.getMessage(), e);
    }
  }

  /** One line about what is wrong with a file. */
  static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException e when e.getReason() == null -> e.getFile() + " does not exist";
      case FileAlreadyExistsException e when e.getReason() == null ->
          e.getFile() + " exists already";
      case AccessDeniedException e when e.getReason() == null ->
          e.getFile()
              + " may not be read or written: its permissions or those of the folders above it say so";
      case FileSystemException e when e.getReason() == null ->
          e.getClass().getSimpleName() + ": " + e.getFile();
      default -> String.valueOf(failure.getMessage());
    };
  }
}
