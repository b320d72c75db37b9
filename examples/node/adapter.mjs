// A small manager of XenServer pools on npm's xen-api, plugged into hvsim's conformance suite by
// JSON lines: one message a line on stdin, exactly one answer a line on stdout.
//   hvsim conform --product xenserver --adapter-cmd 'node examples/node/adapter.mjs'
import { createInterface } from 'node:readline'
import { createClient } from 'xen-api'

const CALL = { on: 'VM.start', off: 'VM.clean_shutdown', reboot: 'VM.clean_reboot' }
const FORCED = { ...CALL, off: 'VM.hard_shutdown', reboot: 'VM.hard_reboot' }
const REASON = {
  VM_IS_PROTECTED: 'GUEST_HA_PROTECTED',
  HOST_DISABLED: 'HOST_IN_MAINTENANCE',
  UUID_INVALID: 'GUEST_GONE',
  HANDLE_INVALID: 'GUEST_GONE',
}
const done = value => ({ outcome: 'done', ...(value && { value }) })
const refused = (reason, detail) => ({ outcome: 'refused', reason, detail })
const failed = (reason, native_error) => ({ outcome: 'failed', reason, native_error })

class Pool {
  hosts = {}
  guests = {}
  names = {}
  lost = false

  constructor({ address, credentials }) {
    this.auth = { user: credentials.username, password: credentials.password }
    this.urls = [new URL(address).href]
  }

  // A fresh connection whenever there is none, by any member: xen-api follows HOST_IS_SLAVE itself.
  async connect() {
    let problem
    for (const url of this.urls) {
      const api = createClient({ url, auth: this.auth, allowUnauthorized: true, watchEvents: false, callTimeout: 1e3, roCallRetryOptions: { tries: 1 } })
      try {
        await api.connect()
        return api
      } catch (error) {
        problem = error
      }
    }
    throw problem
  }

  async call(method, ...args) {
    this.api ??= await this.connect()
    try {
      return await this.api.call(method, ...args)
    } catch (error) {
      if (error.code === undefined || error.params === undefined) this.drop()
      throw error
    }
  }

  drop() {
    this.api?.disconnect().catch(() => {})
    this.api = undefined
  }

  // Once more when the master has gone: the registered host may know another one by now.
  async refresh() {
    await this.take().catch(() => this.take()).catch(() => (this.lost = true))
    for (const vm of this.managed()) this.names[vm.uuid] ??= vm.name_label
  }

  async take() {
    try {
      const [pool] = Object.values(await this.call('pool.get_all_records'))
      const metrics = await this.call('host_metrics.get_all_records')
      this.hosts = await this.call('host.get_all_records')
      this.guests = await this.call('VM.get_all_records')
      Object.assign(this, { pool, metrics, lost: false })
      const { protocol, port } = new URL(this.urls[0])
      const members = Object.values(this.hosts).map(host => `${protocol}//${host.address}:${port}/`)
      this.urls = [...new Set([this.urls[0], ...members])]
    } catch (error) {
      this.drop()
      throw error
    }
  }

  managed() {
    return Object.values(this.guests).filter(vm => !vm.is_a_template && !vm.is_a_snapshot && !vm.is_control_domain)
  }

  listHosts() {
    return Object.values(this.hosts).map(host => ({
      id: host.uuid,
      name: host.name_label,
      product: 'xenserver',
      pool: this.pool.name_label,
      status: this.lost || !this.metrics[host.metrics]?.live ? 'unknown' : 'normal',
      in_maintenance: !host.enabled && host.other_config.MAINTENANCE_MODE === 'true',
    }))
  }

  listGuests() {
    const only = Object.keys(this.hosts).length === 1 ? Object.values(this.hosts)[0] : undefined
    return this.managed().flatMap(vm => {
      const home = this.hosts[vm.resident_on] ?? this.hosts[vm.affinity] ?? only
      if (home === undefined) return []
      const dead = this.lost || (this.hosts[vm.resident_on] && !this.metrics[home.metrics]?.live)
      const moving = Object.values(vm.current_operations).some(op => /migrate|suspend|resume/.test(op))
      const unknown = dead || vm.power_state === 'Paused' || (moving && vm.power_state === 'Suspended')
      const status = unknown ? 'unknown' : vm.power_state === 'Running' ? 'normal' : 'stop'
      return [{ id: vm.uuid, display_name: this.names[vm.uuid], host: home.uuid, status, product: 'xenserver', native_id: vm.uuid }]
    })
  }

  async power({ guest, action, force }) {
    const ref = await this.call('VM.get_by_uuid', guest)
    const state = await this.call('VM.get_power_state', ref)
    if (state === 'Suspended' && !(force && action === 'off')) return refused('GUEST_SUSPENDED', state)
    await this.call((force ? FORCED : CALL)[action], ref, ...(action === 'on' ? [false, false] : []))
    return done()
  }

  async migrate({ guest, host, mode }) {
    const ref = await this.call('VM.get_by_uuid', guest)
    const running = (await this.call('VM.get_power_state', ref)) === 'Running'
    if (running !== (mode === 'live')) return refused('MODE_MISMATCH', `the guest is ${running ? 'on' : 'off'}`)
    const target = await this.call('host.get_by_uuid', host)
    if (running) await this.call('VM.pool_migrate', ref, target, { live: 'true' })
    else await this.call('VM.set_affinity', ref, target)
    return done()
  }

  async maintenance({ host, switch: state, move }) {
    const ref = await this.call('host.get_by_uuid', host)
    const [pool] = Object.values(await this.call('pool.get_all_records'))
    if (state === 'on' && pool.master === ref && Object.keys(this.hosts).length > 1) return refused('HOST_IS_POOL_MASTER', '')
    await this.call(state === 'on' ? 'host.disable' : 'host.enable', ref)
    if (state === 'on' && move) {
      await this.call('host.evacuate', ref).catch(async error => {
        await this.call('host.enable', ref)
        throw error
      })
    }
    await this.call('host.remove_from_other_config', ref, 'MAINTENANCE_MODE')
    if (state === 'on') await this.call('host.add_to_other_config', ref, 'MAINTENANCE_MODE', 'true')
    return done()
  }
}

let pools = new Map()
const reached = () => [...pools.values()].sort((one, other) => other.lost - one.lost)
const owner = key => reached().findLast(pool => [...pool.listHosts(), ...pool.listGuests()].some(item => item.id === key))
// Several hosts of a pool may be registered: what more than one knows is shown once, by one that is reached.
const unique = items => [...new Map(items.map(item => [item.id, item])).values()]
const attempt = async (key, action) => {
  const pool = owner(key)
  return pool === undefined ? refused('GUEST_GONE', key) : action(pool)
}

const operations = {
  capabilities: () => ({ name: 'hvsim example in JavaScript', version: '1', products: ['xenserver'], features: ['maintenance_with_move'] }),
  register: args => {
    const id = `registration-${pools.size + 1}`
    pools.set(id, new Pool(args))
    return done(id)
  },
  unregister: ({ registration }) => (pools.delete(registration) ? done() : refused('HOST_NOT_MANAGED', registration)),
  // Every host of a pool is registered; one that another's answer covers need not be asked.
  refresh: async () => {
    const answered = []
    for (const pool of pools.values()) {
      if (answered.some(other => other.urls.includes(pool.urls[0]))) Object.assign(pool, { hosts: {}, guests: {} })
      else await pool.refresh()
      if (!pool.lost) answered.push(pool)
    }
    return done()
  },
  list_hosts: () => unique(reached().flatMap(pool => pool.listHosts())),
  list_guests: () => unique(reached().flatMap(pool => pool.listGuests())),
  power: args => attempt(args.guest, pool => pool.power(args)),
  migrate: args => attempt(args.guest, pool => pool.migrate(args)),
  maintenance: args => attempt(args.host, pool => pool.maintenance(args)),
}

async function answer({ type, op, args }) {
  if (type === 'start') return { result: operations.capabilities() }
  if (type === 'open') {
    for (const pool of pools.values()) pool.drop()
    pools = new Map()
    return { result: null }
  }
  if (operations[op] === undefined) return { unsupported: { reason: `no operation ${op}` } }
  try {
    return { result: await operations[op](args) }
  } catch (error) {
    const native = error.code === undefined ? String(error) : [error.code, ...(error.params ?? [])].join(', ')
    return { result: failed(error.params ? (REASON[error.code] ?? 'NATIVE_ERROR') : 'POOL_MASTER_LOST', native) }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line)
  if (message.type === 'stop') process.exit(0)
  process.stdout.write(JSON.stringify({ seq: message.seq, ...(await answer(message)) }) + '\n')
}
