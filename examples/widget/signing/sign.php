<?php
// Signs an identity for Heliotrope's widget. PHP 7.1 or newer, no package. php sign.php KEY_ID SECRET SITE CREATOR

function heliotrope_base64url(string $data): string
{
    return rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
}

/** A token that speaks for one creator for ten minutes, good for once. */
function heliotrope_identity(string $keyId, string $secret, string $site, string $creator): string
{
    $header = ['alg' => 'HS256', 'typ' => 'JWT', 'kid' => $keyId];
    $claims = ['sub' => $creator, 'aud' => $site, 'exp' => time() + 600, 'jti' => bin2hex(random_bytes(16))];
    $signed = heliotrope_base64url(json_encode($header)) . '.' . heliotrope_base64url(json_encode($claims));
    return $signed . '.' . heliotrope_base64url(hash_hmac('sha256', $signed, $secret, true));
}

if (PHP_SAPI === 'cli' && realpath($argv[0]) === __FILE__) {
    echo heliotrope_identity($argv[1], $argv[2], $argv[3], $argv[4]), "\n";
}
