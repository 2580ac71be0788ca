package io.millrace.platform.store.s3;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/** What failures of S3 mean to those who run the platform. */
final class S3Faults {
  static final int NOT_FOUND = 404;
  static final int CONFLICT = 409;
  static final int PRECONDITION_FAILED = 412;

  private S3Faults() {}

  /** Whether S3 answered with that status. */
  static boolean is(SdkException failure, int status) {
    return failure instanceof AwsServiceException answer && answer.statusCode() == status;
  }

  /**
   * UNAVAILABLE: why something failed, with the setting that is to blame if one is. A permission
   * that was taken away may be given back, so whoever asked may ask again.
   */
  static MillraceException later(SdkException failure, String what, S3Bucket bucket) {
    return later(what, reason(failure, bucket), failure);
  }

  /** UNAVAILABLE: an answer broke off. */
  static MillraceException later(IOException failure, String what, S3Bucket bucket) {
    return later(what, bucket + " broke off its answer (" + failure + ")", failure);
  }

  private static MillraceException later(String what, String reason, Exception failure) {
    return new MillraceException(ErrorCode.UNAVAILABLE, "cannot " + what + ": " + reason, failure);
  }

  /** The same at the start, when settings are the likeliest reason of all. */
  static MillraceException atStart(SdkException failure, S3Bucket bucket) {
    return new MillraceException(ErrorCode.FAILED_PRECONDITION, reason(failure, bucket), failure);
  }

  private static String reason(SdkException failure, S3Bucket bucket) {
    return switch (failure) {
      case AwsServiceException answer -> reason(answer, bucket);
      case SdkClientException client -> reason(client, bucket);
      default -> bucket + ": " + failure.getMessage();
    };
  }

  private static String reason(AwsServiceException answer, S3Bucket bucket) {
    String code =
        answer.awsErrorDetails() == null ? "" : text(answer.awsErrorDetails().errorCode());
    String told = bucket + " answered " + answer.statusCode() + (code.isEmpty() ? "" : " " + code);
    return switch (code) {
      case "NoSuchBucket" ->
          "there is no bucket "
              + bucket.name()
              + " at "
              + bucket.server()
              + ", make it or change millrace.objects.s3.bucket";
      case "InvalidBucketName" -> told + ", change millrace.objects.s3.bucket";
      case "AccessDenied", "AllAccessDisabled", "AccountProblem" ->
          told
              + ": the credentials do not permit what millrace.objects.s3.bucket needs, see"
              + " docs/operations/object-store.md for the permissions";
      case "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "ExpiredToken",
          "InvalidToken",
          "TokenRefreshRequired" ->
          told
              + ": these credentials are wrong or have expired; they come from the AWS SDK's standard"
              + " chain (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and so on)";
      case "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException",
          "TemporaryRedirect" ->
          told + ": the bucket is in another region, change millrace.objects.s3.region";
      case "RequestTimeTooSkewed" -> told + ": the clock of this machine is wrong";
      case "" ->
          switch (answer.statusCode()) {
            case 301, 400 -> told + ", change millrace.objects.s3.region or .endpoint";
            case 403 ->
                told
                    + ": the credentials do not permit it, or millrace.objects.s3.bucket is not"
                    + " theirs";
            default ->
                told
                    + ", which is no answer of S3: is millrace.objects.s3.endpoint its address, and"
                    + " does it want millrace.objects.s3.path-style?";
          };
      default -> told + ": " + text(answer.awsErrorDetails().errorMessage());
    };
  }

  private static String reason(SdkClientException failure, S3Bucket bucket) {
    String message = text(failure.getMessage());
    if (message.startsWith("Unable to load credentials")) {
      return "no credentials for "
          + bucket
          + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give them by another way of the"
          + " AWS SDK's standard chain";
    }
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return "no answer from "
        + bucket
        + " ("
        + root
        + "): is it up, and is millrace.objects.s3.endpoint its address?";
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
