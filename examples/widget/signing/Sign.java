// Signs an identity for Heliotrope's widget. Java 11 or newer, no library. java Sign.java KEY_ID SECRET SITE CREATOR
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Sign {
    /** A token that speaks for one creator for ten minutes, good for once. */
    static String identity(String keyId, String secret, String site, String creator) throws GeneralSecurityException {
        long until = System.currentTimeMillis() / 1000 + 600;
        String header = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":" + quoted(keyId) + "}";
        String claims = "{\"sub\":" + quoted(creator) + ",\"aud\":" + quoted(site) + ",\"exp\":" + until
            + ",\"jti\":" + quoted(UUID.randomUUID().toString()) + "}";
        String signed = part(bytes(header)) + "." + part(bytes(claims));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(bytes(secret), "HmacSHA256"));
        return signed + "." + part(mac.doFinal(bytes(signed)));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String part(byte[] data) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(data);
    }

    public static void main(String[] given) throws GeneralSecurityException {
        System.out.println(identity(given[0], given[1], given[2], given[3]));
    }
}
