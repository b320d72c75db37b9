// Drives a pool with npm's xen-api as Xen Orchestra does. Arguments: a member's URL (not the
// master's), user, password, transport. Prints one JSON object of what it saw.
import { createClient } from 'xen-api'

const [url, user, password, transport] = process.argv.slice(2)
const xapi = createClient({ url, auth: { user, password }, allowUnauthorized: true, debounce: 10, transport })
const seen = { transport, events: 0 }

await xapi.connect()
seen.status = xapi.status
seen.redirected = xapi._url.hostname
await xapi.objectsFetched
const all = Object.values(xapi.objects.all)
seen.types = [...new Set(all.map(object => object.$type))].sort()
seen.hosts = all.filter(object => object.$type === 'host').length

const vm = all.find(object => object.$type === 'VM' && object.name_label === 'lost')
xapi.objects.on('update', items => {
  if (vm.$id in items) seen.events++
})
const until = holds => new Promise(resolve => {
  const look = () => {
    if (holds(xapi.getObject(vm.$id))) {
      xapi.objects.off('update', look)
      resolve()
    }
  }
  xapi.objects.on('update', look)
  look()
})

await xapi.callAsync('VM.start', vm.$ref, false, false)
await until(now => now.power_state === 'Running')
seen.started = await xapi.getField('VM', vm.$ref, 'power_state')

const clone = await xapi.callAsync('VM.snapshot', vm.$ref, 'before the change')
seen.snapshot = (await xapi.getRecord('VM', clone)).is_a_snapshot

try {
  await xapi.callAsync('VM.start', vm.$ref, false, false)
} catch (error) {
  seen.refused = [error.code, ...error.params.slice(1)]
}

// A guest shuts down in good order once its tools have reported.
await until(now => now.allowed_operations.includes('clean_shutdown'))
await xapi.callAsync('VM.clean_shutdown', vm.$ref)
await until(now => now.power_state === 'Halted')
seen.stopped = xapi.getObject(vm.$id).power_state

await xapi.setFieldEntry('VM', vm.$ref, 'other_config', 'hvsim', 'was here')
seen.entry = (await xapi.getField('VM', vm.$ref, 'other_config')).hvsim

// Every task of callAsync is destroyed by the client itself.
await new Promise(resolve => setTimeout(resolve, 200))
seen.tasks = Object.keys(await xapi.call('task.get_all_records')).length
await xapi.disconnect()
console.log(JSON.stringify(seen))
process.exit(0)
