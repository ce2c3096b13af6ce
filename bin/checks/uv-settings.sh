# Sourced. pip may have been told on this machine where packages are (its settings files, PIP_*); uv reads none of that.

pip_setting() { # pip_setting OPTION: what pip would use, several values on one line
  local section value
  for section in :env: install global; do
    value=$(sed -n "s/^$section\.$1='\(.*\)'\$/\1/p" <<<"$pip_settings")
    [[ -n $value ]] && break
  done
  value=${value//\\n/ }
  echo "${value# }"
}

hand_over() { # hand_over OPTION VARIABLE: VARIABLE for uv, unless it is set already
  local value
  value=$(pip_setting "$1")
  [[ -z $value || -n ${!2:-} ]] || export "$2=$value"
}

uv_reads_pip_settings() {
  pip_settings=$(.venv/bin/python -m pip config list 2>/dev/null || true)
  hand_over index-url UV_DEFAULT_INDEX
  hand_over extra-index-url UV_INDEX
  hand_over trusted-host UV_INSECURE_HOST
  hand_over cert SSL_CERT_FILE
  hand_over client-cert SSL_CLIENT_CERT
  hand_over proxy ALL_PROXY
  hand_over timeout UV_HTTP_TIMEOUT
  hand_over default-timeout UV_HTTP_TIMEOUT
  hand_over find-links UV_FIND_LINKS
  [[ -z ${UV_FIND_LINKS:-} ]] || export UV_FIND_LINKS=${UV_FIND_LINKS// /,}
  # As pip does, look in every index; the lock's hashes decide what may be installed.
  export UV_INDEX_STRATEGY=${UV_INDEX_STRATEGY:-unsafe-best-match}
}
